from .base import Base
from .shop import Order, OrderLine, Product
from .users import User

__all__ = ["Base", "Order", "OrderLine", "Product", "User"]
