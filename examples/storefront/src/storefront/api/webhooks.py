import asyncio
import time
from typing import Any

from fastapi import APIRouter, Request

from ..events import bus, publish_now
from .deps import Shipping

router = APIRouter(prefix="/webhooks", tags=["webhooks"])


@router.post("/carrier", status_code=204)
async def carrier_update(request: Request, shipping: Shipping) -> None:
    body = await request.json()
    time.sleep(0.5)  # expect: AW201
    state = await shipping.track(body["parcel"])
    await bus.publish("parcel_moved", **state)


@router.post("/carrier-label", status_code=204)
async def carrier_label(request: Request, shipping: Shipping) -> None:
    body = await request.json()
    await asyncio.sleep(0.5)
    await shipping.label(body["order"])


@router.post("/payment", status_code=204)
async def payment_update(request: Request) -> None:
    body: dict[str, Any] = await request.json()
    publish_now("payment_update", state=body["state"])  # expect: AW204


@router.post("/stock", status_code=204)
def stock_update(sku: str, stock: int) -> None:
    publish_now("stock_update", sku=sku, stock=stock)
