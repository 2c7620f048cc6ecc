from decimal import Decimal

import httpx

from ..core.settings import Settings
from ..schemas import QuoteOut


class ShippingGateway:
    """The carrier's API. The client is shared: `main.lifespan` opens and closes it."""

    def __init__(self, client: httpx.AsyncClient):
        self.client = client

    async def quote(self, sku: str, grams: int) -> QuoteOut:
        response = await self.client.get("/quotes", params={"grams": grams})
        body = response.raise_for_status().json()
        return QuoteOut(sku=sku, amount=Decimal(body["amount"]), days=body["days"])

    async def track(self, parcel: str) -> dict[str, str]:
        async with httpx.AsyncClient(base_url="https://tracking.example.test") as client:  # expect: AW207
            response = await client.get(f"/parcels/{parcel}")
        return response.json()

    async def label(self, order_id: int) -> bytes:
        response = await self.client.post("/labels", json={"order": order_id})
        return response.content


class CarrierAccount:
    """Our account with the carrier."""

    def __init__(self, settings: Settings):
        self.number = settings.carrier_account
        self._url = settings.carrier_url

    @property
    def balance(self) -> Decimal:
        response = httpx.get(f"{self._url}/accounts/{self.number}", timeout=5)
        return Decimal(response.json()["balance"])

    @property
    def label(self) -> str:
        return f"carrier account {self.number}"
