import json
from typing import Any

from fastapi import APIRouter, BackgroundTasks
from fastapi.responses import PlainTextResponse

from ..core.cache import get_cache
from ..models import Product
from ..reports import load_text
from ..schemas import ProductOut, QuoteOut
from .deps import AsyncCacheDep, CacheDep, InventoryDep, Products

router = APIRouter(prefix="/products", tags=["products"])

SECONDS = 300


def count_view(sku: str) -> None:
    get_cache().incr(f"views:{sku}")


@router.get("", response_model=list[ProductOut])
def list_products(products: Products, limit: int = 50, offset: int = 0) -> list[Product]:
    return products.page(limit, offset)


@router.get("/{sku}")
async def read_product(sku: str, products: Products, cache: CacheDep) -> dict[str, Any]:  # expect: AW203
    if cached := cache.get(f"product:{sku}"):  # expect: AW201
        return json.loads(cached)
    product = products.by_sku(sku)  # expect: AW201
    body = ProductOut.model_validate(product).model_dump(mode="json")
    cache.setex(f"product:{sku}", SECONDS, json.dumps(body))  # expect: AW201
    return body


@router.get("/{sku}/views")
async def views(sku: str, cache: AsyncCacheDep, tasks: BackgroundTasks) -> dict[str, int]:
    tasks.add_task(count_view, sku)
    return {"views": int(await cache.get(f"views:{sku}") or 0)}


@router.get("/{sku}/sizes", response_class=PlainTextResponse)
async def size_guide(sku: str) -> str:  # expect: AW203
    return load_text("sizes")  # expect: AW201


@router.get("/{sku}/returns", response_class=PlainTextResponse)
def return_terms(sku: str) -> str:
    return load_text("returns")


@router.post("/{sku}/hold", response_model=QuoteOut)
async def hold(sku: str, quantity: int, inventory: InventoryDep) -> QuoteOut:
    return await inventory.hold(sku, quantity, available=10)
