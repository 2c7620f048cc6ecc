from fastapi import APIRouter

from . import admin, orders, payments, products, users, webhooks

router = APIRouter(prefix="/api")
for module in (admin, orders, payments, products, users, webhooks):
    router.include_router(module.router)

__all__ = ["router"]
