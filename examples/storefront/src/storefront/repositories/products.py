from sqlalchemy import select

from ..core.errors import NotFound
from ..models import Product
from .base import Repository


class ProductRepository(Repository[Product]):
    model = Product

    def by_sku(self, sku: str) -> Product:
        found = self.session.scalars(select(Product).where(Product.sku == sku)).first()
        if found is None:
            raise NotFound(sku)
        return found
