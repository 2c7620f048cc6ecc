"""What routes ask for."""

from functools import lru_cache
from typing import Annotated

import redis
import redis.asyncio as aredis
from fastapi import Depends, Header, Request
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from ..core.cache import get_async_cache, get_cache
from ..core.database import get_async_session, get_session
from ..core.errors import NotAllowed
from ..core.security import InvalidToken, read_token
from ..core.settings import Settings, get_settings
from ..gateways import PaymentGateway, RefundGateway, ShippingGateway
from ..models import User
from ..repositories import AsyncUserRepository, OrderRepository, ProductRepository
from ..services import AccountService, Inventory, OrderService, PaymentService

SettingsDep = Annotated[Settings, Depends(get_settings)]
SessionDep = Annotated[Session, Depends(get_session)]
AsyncSessionDep = Annotated[AsyncSession, Depends(get_async_session)]
CacheDep = Annotated[redis.Redis, Depends(get_cache)]
AsyncCacheDep = Annotated[aredis.Redis, Depends(get_async_cache)]


def get_orders(session: SessionDep) -> OrderRepository:
    return OrderRepository(session)


def get_products(session: SessionDep) -> ProductRepository:
    return ProductRepository(session)


def get_users(session: AsyncSessionDep) -> AsyncUserRepository:
    return AsyncUserRepository(session)


Orders = Annotated[OrderRepository, Depends(get_orders)]
Products = Annotated[ProductRepository, Depends(get_products)]
Users = Annotated[AsyncUserRepository, Depends(get_users)]


def get_order_service(orders: Orders, products: Products) -> OrderService:
    return OrderService(orders, products)


@lru_cache
def get_payment_service() -> PaymentService:
    settings = get_settings()
    return PaymentService(PaymentGateway(settings), RefundGateway(settings))


def get_account_service(users: Users) -> AccountService:
    return AccountService(users)


def get_shipping(request: Request) -> ShippingGateway:
    return request.app.state.shipping


def get_inventory(request: Request) -> Inventory:
    return request.app.state.inventory


OrderServiceDep = Annotated[OrderService, Depends(get_order_service)]
PaymentServiceDep = Annotated[PaymentService, Depends(get_payment_service)]
AccountServiceDep = Annotated[AccountService, Depends(get_account_service)]
Shipping = Annotated[ShippingGateway, Depends(get_shipping)]
InventoryDep = Annotated[Inventory, Depends(get_inventory)]


def get_user_id(authorization: Annotated[str, Header()] = "") -> int:
    try:
        return read_token(authorization.removeprefix("Bearer "))
    except InvalidToken as error:
        raise NotAllowed("log in first") from error


UserId = Annotated[int, Depends(get_user_id)]


async def get_staff(user_id: UserId, users: Users, cache: CacheDep) -> User:
    user = await users.get(user_id)
    if user is None or not user.is_staff:
        raise NotAllowed("staff only")
    cache.set(f"staff:{user_id}:seen", 1, ex=300)  # expect: AW201
    return user


Staff = Annotated[User, Depends(get_staff)]


def require_open_shop(cache: CacheDep) -> None:
    """A plain function: FastAPI runs it in the threadpool, so its Redis call is fine."""
    if cache.get("shop:closed"):
        raise NotAllowed("the shop is closed")
