import asyncio
import threading

from ..core.errors import OutOfStock
from ..gateways import ShippingGateway
from ..schemas import QuoteOut


class Inventory:
    """Stock that is set aside while a customer pays."""

    def __init__(self, shipping: ShippingGateway):
        self.shipping = shipping
        self._held: dict[str, int] = {}
        self._lock = threading.Lock()
        self._quotes_lock = asyncio.Lock()
        self._quotes: dict[str, QuoteOut] = {}

    async def hold(self, sku: str, quantity: int, available: int) -> QuoteOut:
        with self._lock:  # expect: AW206
            held = self._held.get(sku, 0)
            if held + quantity > available:
                raise OutOfStock(sku)
            quote = await self.shipping.quote(sku, grams=500 * quantity)
            self._held[sku] = held + quantity
        return quote

    async def quote_once(self, sku: str) -> QuoteOut:
        async with self._quotes_lock:
            if sku not in self._quotes:
                self._quotes[sku] = await self.shipping.quote(sku, grams=500)
        return self._quotes[sku]

    async def quote_all(self, skus: list[str]) -> list[QuoteOut]:
        quotes = []
        for sku in skus:
            quotes.append(await self.shipping.quote(sku, grams=500))  # expect: AW208
        return quotes

    async def quote_together(self, skus: list[str]) -> list[QuoteOut]:
        return list(await asyncio.gather(*(self.shipping.quote(sku, grams=500) for sku in skus)))
