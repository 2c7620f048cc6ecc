from .async_users import AsyncUserRepository
from .orders import OrderRepository
from .products import ProductRepository

__all__ = ["AsyncUserRepository", "OrderRepository", "ProductRepository"]
