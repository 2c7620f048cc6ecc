import asyncio

from fastapi import APIRouter, BackgroundTasks, Depends, Response

from ..events import bus
from ..models import Order
from ..reports import render_invoice
from ..schemas import OrderIn, OrderOut, QuoteOut
from ..worker.tasks import send_invoice
from .deps import InventoryDep, Orders, OrderServiceDep, UserId, require_open_shop

router = APIRouter(prefix="/orders", tags=["orders"])


@router.post("", response_model=OrderOut, status_code=201, dependencies=[Depends(require_open_shop)])
def place_order(body: OrderIn, user_id: UserId, service: OrderServiceDep) -> Order:
    order = service.place(user_id, body.lines)
    send_invoice.delay(order.id)
    return order


@router.get("", response_model=list[OrderOut])
def my_orders(user_id: UserId, orders: Orders) -> list[Order]:
    return orders.of_user(user_id)


@router.get("/{order_id}", response_model=OrderOut)
async def read_order(order_id: int, user_id: UserId, service: OrderServiceDep) -> Order:  # expect: AW203
    return service.of_owner(order_id, user_id)  # expect: AW201


@router.get("/{order_id}/invoice")
async def invoice(order_id: int, user_id: UserId, service: OrderServiceDep) -> Response:
    order = await asyncio.to_thread(service.of_owner, order_id, user_id)
    pdf = render_invoice(order)  # expect: AW202
    return Response(pdf, media_type="application/pdf")


@router.get("/{order_id}/invoice-later")
async def invoice_in_thread(order_id: int, user_id: UserId, service: OrderServiceDep) -> Response:
    order = await asyncio.to_thread(service.of_owner, order_id, user_id)
    pdf = await asyncio.to_thread(render_invoice, order)
    return Response(pdf, media_type="application/pdf")


@router.post("/{order_id}/cancel", status_code=204)
async def cancel(order_id: int, user_id: UserId, service: OrderServiceDep, tasks: BackgroundTasks) -> None:
    order = await asyncio.to_thread(service.of_owner, order_id, user_id)
    order.status = "cancelled"
    bus.publish("order_cancelled", order=order_id)  # expect: AW205
    tasks.add_task(send_invoice.delay, order_id)


@router.post("/quotes", response_model=list[QuoteOut])
async def quotes(body: OrderIn, inventory: InventoryDep) -> list[QuoteOut]:
    return await inventory.quote_all([line.sku for line in body.lines])
