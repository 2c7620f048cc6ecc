from sqlalchemy import func, select

from ..models import Order
from .base import Repository


class OrderRepository(Repository[Order]):
    model = Order

    def of_user(self, user_id: int) -> list[Order]:
        query = select(Order).where(Order.user_id == user_id).order_by(Order.created_at.desc())
        return list(self.session.scalars(query))

    def count_open(self) -> int:
        query = select(func.count()).select_from(Order).where(Order.status == "new")
        return self.session.execute(query).scalar_one()
