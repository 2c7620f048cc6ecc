from decimal import Decimal
from typing import Any

from .base import GatewayError, HttpGateway


class PaymentGateway(HttpGateway):
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.settings.payment_key.get_secret_value()}"}

    def base_url(self) -> str:
        return self.settings.payment_url

    def authorise(self, amount: Decimal, card_token: str) -> dict[str, Any]:
        return self._call("/authorisations", {"amount": str(amount), "card": card_token})


class RefundGateway(PaymentGateway):
    """Refunds and their state; the session comes from the base class."""

    def refund(self, reference: str) -> dict[str, Any]:
        return self._call("/refunds", {"reference": reference})

    def state(self, reference: str) -> str:
        response = self.client.get(f"{self.base_url()}/refunds/{reference}", timeout=5)
        if not response.ok:
            raise GatewayError(reference)
        return response.json()["state"]
