from .accounts import AccountService
from .inventory import Inventory
from .orders import OrderService
from .payments import PaymentService

__all__ = ["AccountService", "Inventory", "OrderService", "PaymentService"]
