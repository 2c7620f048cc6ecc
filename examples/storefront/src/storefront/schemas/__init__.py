from .shop import LineIn, OrderIn, OrderOut, PaymentIn, PaymentOut, ProductOut, QuoteOut
from .users import Credentials, Token, UserOut

__all__ = [
    "Credentials",
    "LineIn",
    "OrderIn",
    "OrderOut",
    "PaymentIn",
    "PaymentOut",
    "ProductOut",
    "QuoteOut",
    "Token",
    "UserOut",
]
