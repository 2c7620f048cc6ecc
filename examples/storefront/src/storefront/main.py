"""The application: `uvicorn storefront.main:app`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from .api import router
from .api.middleware import RateLimitMiddleware
from .core.database import async_engine, engine
from .core.errors import StorefrontError
from .core.settings import get_settings
from .gateways import ShippingGateway
from .models import Base
from .reports import load_text
from .services import Inventory


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    Base.metadata.create_all(engine)  # info: AW201
    app.state.return_terms = load_text("returns")  # info: AW201
    async with httpx.AsyncClient(base_url=get_settings().carrier_url, timeout=5) as client:
        app.state.shipping = ShippingGateway(client)
        app.state.inventory = Inventory(app.state.shipping)
        yield
    await async_engine.dispose()


async def render_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, StorefrontError)
    return JSONResponse({"code": error.code, "message": str(error)}, status_code=error.status)


def create_app(limit: int | None = 120) -> FastAPI:
    app = FastAPI(title="Storefront", lifespan=lifespan)
    app.include_router(router)
    app.add_exception_handler(StorefrontError, render_error)
    if limit is not None:
        app.add_middleware(RateLimitMiddleware, limit=limit)
    return app


app = create_app()
