from ..core.errors import PaymentDeclined
from ..gateways import PaymentGateway, RefundGateway
from ..models import Order
from ..schemas import PaymentOut


class PaymentService:
    def __init__(self, gateway: PaymentGateway, refunds: RefundGateway):
        self._gateway = gateway
        self._refunds = refunds

    def charge(self, order: Order, card_token: str) -> PaymentOut:
        answer = self._authorise(order, card_token)
        order.payment_reference = answer.reference
        order.status = "paid"
        return answer

    def refund(self, order: Order) -> PaymentOut:
        if order.payment_reference is None:
            raise PaymentDeclined(f"order {order.id} was never paid")
        answer = self._refunds.refund(order.payment_reference)
        order.status = "refunded"
        return PaymentOut(reference=order.payment_reference, status=answer["state"])

    def refund_state(self, reference: str) -> str:
        return self._refunds.state(reference)

    def _authorise(self, order: Order, card_token: str) -> PaymentOut:
        answer = self._gateway.authorise(order.total, card_token)
        if answer["state"] != "authorised":
            raise PaymentDeclined(answer.get("reason", "unknown"))
        return PaymentOut(reference=answer["reference"], status="authorised")
