import asyncio

from fastapi import APIRouter

from ..core.errors import NotAllowed
from ..events import bus
from ..schemas import PaymentIn, PaymentOut
from .deps import AccountServiceDep, OrderServiceDep, PaymentServiceDep, UserId

router = APIRouter(prefix="/payments", tags=["payments"])


@router.post("", response_model=PaymentOut)
async def pay(body: PaymentIn, user_id: UserId, orders: OrderServiceDep, payments: PaymentServiceDep) -> PaymentOut:
    order = await asyncio.to_thread(orders.of_owner, body.order_id, user_id)
    receipt = payments.charge(order, body.card_token)  # expect: AW201
    await bus.publish("order_paid", order=order.id)
    return receipt


@router.post("/{order_id}/refund", response_model=PaymentOut)
async def refund(
    order_id: int,
    user_id: UserId,
    accounts: AccountServiceDep,
    orders: OrderServiceDep,
    payments: PaymentServiceDep,
) -> PaymentOut:
    if not accounts.may_refund(user_id):  # expect: AW205
        raise NotAllowed("staff only")
    order = await asyncio.to_thread(orders.of_owner, order_id, user_id)
    return await asyncio.to_thread(payments.refund, order)


@router.get("/refunds/{reference}")
async def refund_state(reference: str, payments: PaymentServiceDep) -> dict[str, str]:  # expect: AW203
    return {"state": payments.refund_state(reference)}  # expect: AW201


@router.get("/refunds/{reference}/again")
def refund_state_in_threadpool(reference: str, payments: PaymentServiceDep) -> dict[str, str]:
    return {"state": payments.refund_state(reference)}
