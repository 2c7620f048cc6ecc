import asyncio
from typing import Any

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse
from sqlalchemy import text

from ..core.database import unit_of_work
from ..gateways import CarrierAccount
from ..reports import dump_database, sales_table
from .deps import Orders, SettingsDep, Staff

router = APIRouter(prefix="/admin", tags=["admin"])


@router.get("/carrier")
async def carrier(staff: Staff, settings: SettingsDep) -> dict[str, str]:  # expect: AW203
    account = CarrierAccount(settings)
    return {"name": account.label, "balance": f"{account.balance} EUR"}  # expect: AW201


@router.post("/stock-take", status_code=204)
async def stock_take(staff: Staff) -> None:  # expect: AW203
    with unit_of_work() as session:  # expect: AW201
        session.execute(text("UPDATE products SET stock = 0 WHERE stock < 0"))  # expect: AW201


@router.post("/backup")
async def create_backup(staff: Staff, settings: SettingsDep) -> dict[str, str]:  # expect: AW203
    return {"file": dump_database(settings).name}  # expect: AW201


@router.post("/backup-in-thread")
async def create_backup_in_thread(staff: Staff, settings: SettingsDep) -> dict[str, str]:
    target = await asyncio.to_thread(dump_database, settings)
    return {"file": target.name}


@router.get("/sales", response_class=PlainTextResponse)
def sales(staff: Staff, orders: Orders) -> str:
    return sales_table(orders.page(limit=1000))


@router.get("/health")
async def health(orders: Orders) -> dict[str, Any]:
    waiting = await asyncio.get_running_loop().run_in_executor(None, orders.count_open)
    return {"ok": True, "waiting": waiting}
