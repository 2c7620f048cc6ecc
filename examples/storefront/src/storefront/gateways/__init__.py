from .payments import PaymentGateway, RefundGateway
from .shipping import CarrierAccount, ShippingGateway

__all__ = ["CarrierAccount", "PaymentGateway", "RefundGateway", "ShippingGateway"]
