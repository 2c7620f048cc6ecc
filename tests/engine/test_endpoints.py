"""Endpoints: their methods, their whole paths, what runs before them."""

import textwrap

import pytest

from archwise.engine.analysis import Analysis
from archwise.engine.endpoints import Endpoint
from archwise.engine.extract import summarise
from archwise.knowledge import loader


def endpoints(**files: str) -> dict[str, Endpoint]:
    """The endpoints of a program, by ``function METHOD/METHOD path path``."""
    summaries = {
        f"{name.replace('__', '/')}.py": summarise(textwrap.dedent(text).encode()) for name, text in files.items()
    }
    roots = {root for summary in summaries.values() for root in summary.imports}
    found = Analysis(summaries, loader.load(roots)).endpoints
    return {" ".join((each.code.name, "/".join(each.methods), *each.paths)).strip(): each for each in found}


def test_routers_hang_on_routers() -> None:
    found = endpoints(
        app__main="""
            from fastapi import FastAPI
            from app.api import api
            def create_app() -> FastAPI:
                app = FastAPI()
                app.include_router(api, prefix="/api")
                return app
            app = create_app()
            @app.get("/health")
            def health(): ...
        """,
        app__api="""
            from fastapi import APIRouter
            from app import orders
            VERSION = "/v1"
            api = APIRouter(prefix=VERSION)
            api.include_router(orders.router, prefix="/orders")
        """,
        app__orders="""
            from fastapi import APIRouter
            router = APIRouter()
            @router.get("")
            @router.get("/")
            def list_orders(): ...
            @router.api_route("/{key}", methods=["PUT", "DELETE"])
            def change(key: int): ...
        """,
    )
    assert sorted(found) == [
        "change DELETE/PUT /api/v1/orders/{key}",
        "health GET /health",
        "list_orders GET /api/v1/orders",
        "list_orders GET /api/v1/orders/",
    ]
    assert found["change DELETE/PUT /api/v1/orders/{key}"].changes_state
    assert not found["health GET /health"].changes_state


def test_a_list_of_routers_and_an_application_nobody_typed() -> None:
    found = endpoints(
        main="""
            from fastapi import APIRouter
            class Router(APIRouter): ...
            users = Router(prefix="/users")
            items = Router(prefix="/items")
            ROUTERS = [users, items]
            @users.post("/")
            def create(): ...
            @items.get("/")
            def read(): ...
            def configure(app):
                for router in ROUTERS:
                    app.include_router(router, prefix="/v1")
        """,
    )
    assert sorted(found) == ["create POST /v1/users/", "read GET /v1/items/"]


def test_dependencies_of_signature_route_router_and_application() -> None:
    found = endpoints(
        main="""
            from typing import Annotated
            from fastapi import APIRouter, Depends, FastAPI, Security
            from fastapi.security import OAuth2PasswordBearer
            oauth = OAuth2PasswordBearer(tokenUrl="/token")
            def user(): ...
            def session(): ...
            def quota(): ...
            def audit(): ...
            def admin(): ...
            Session = Annotated[object, Depends(session)]
            app = FastAPI(dependencies=[Depends(audit)])
            router = APIRouter(dependencies=[Depends(admin)])
            app.include_router(router, dependencies=[Depends(quota)])
            @router.get("/", dependencies=[Security(oauth)])
            def read(db: Session, user: object = Depends(user)): ...
        """,
    )
    (endpoint,) = found.values()
    names = [
        getattr(getattr(value, "code", None), "name", None) or getattr(value, "name", "")
        for value in endpoint.dependencies
    ]
    assert names == ["session", "user", "fastapi.security.OAuth2PasswordBearer", "admin", "quota", "audit"]


def test_options_of_a_route() -> None:
    found = endpoints(
        main="""
            from fastapi import FastAPI
            app = FastAPI()
            @app.post("/", response_model=dict, status_code=201)
            def create(): ...
        """,
    )
    (endpoint,) = found.values()
    assert endpoint.option("response_model") and endpoint.option("status_code")
    assert not endpoint.option("responses")


@pytest.mark.parametrize(
    ("registered", "path"),
    [("", "/shop/cart"), (', url_prefix="/store"', "/store/cart")],
)
def test_blueprints_take_the_prefix_they_are_registered_with(registered: str, path: str) -> None:
    found = endpoints(
        main=f"""
            from flask import Blueprint, Flask
            shop = Blueprint("shop", __name__, url_prefix="/shop")
            @shop.route("/cart", methods=["POST"])
            def cart(): ...
            app = Flask(__name__)
            app.register_blueprint(shop{registered})
        """,
    )
    assert list(found) == [f"cart POST {path}"]


def test_flask_answers_get_where_nothing_is_said() -> None:
    found = endpoints(
        main="""
            from flask import Flask
            app = Flask(__name__)
            @app.route("/")
            def index(): ...
            def about(): ...
            app.add_url_rule("/about", "about", about)
        """,
    )
    assert sorted(found) == ["about GET /about", "index GET /"]


def test_aiohttp() -> None:
    found = endpoints(
        main="""
            from aiohttp import web
            routes = web.RouteTableDef()
            @routes.get("/")
            async def index(request): ...
            async def save(request): ...
            async def remove(request): ...
            admin = web.Application()
            admin.router.add_route("DELETE", "/rows/{id}", remove)
            app = web.Application()
            app.add_routes([web.put("/save", save)])
            app.add_subapp("/admin/", admin)
        """,
    )
    assert sorted(found) == ["index GET /", "remove DELETE /admin/rows/{id}", "save PUT /save"]


def test_starlette() -> None:
    found = endpoints(
        main="""
            from starlette.applications import Starlette
            from starlette.routing import Mount, Route
            async def index(request): ...
            async def user(request): ...
            app = Starlette(routes=[
                Route("/", index),
                Mount("/users", routes=[Route("/{name}", user, methods=["POST"])]),
            ])
        """,
    )
    assert sorted(found) == ["index GET /", "user POST /users/{name}"]


def test_django_urls() -> None:
    found = endpoints(
        shop__urls="""
            from django.urls import include, path
            from rest_framework.routers import DefaultRouter
            from shop import api, views
            router = DefaultRouter()
            router.register("orders", api.OrderViewSet)
            inner = [path("<int:pk>/", views.Detail.as_view())]
            urlpatterns = [
                path("cart/", views.cart),
                path("items/", include((inner, "items"))),
                path("api/", include(router.urls)),
            ]
        """,
        shop__views="""
            from django.views.decorators.http import require_POST
            from django.views.generic import View
            @require_POST
            def cart(request): ...
            class Detail(View):
                def get(self, request, pk): ...
                def get_queryset(self): ...
        """,
        shop__api="""
            from rest_framework.viewsets import ModelViewSet
            class OrderViewSet(ModelViewSet):
                def create(self, request): ...
        """,
        project__urls="""
            from django.urls import include, path
            urlpatterns = [path("shop/", include("shop.urls"))]
        """,
    )
    assert sorted(found) == [
        "Detail.get GET /shop/items/<int:pk>/",
        "OrderViewSet.create POST /shop/api/orders/",
        "cart POST /shop/cart/",
    ]


def test_a_path_that_is_not_known_is_no_path() -> None:
    found = endpoints(
        main="""
            import os
            from fastapi import FastAPI
            app = FastAPI()
            @app.get(os.environ["PREFIX"])
            def read(): ...
        """,
    )
    assert list(found) == ["read GET"]


def test_routers_that_include_one_another_end() -> None:
    found = endpoints(
        main="""
            from fastapi import APIRouter
            one = APIRouter(prefix="/one")
            two = APIRouter(prefix="/two")
            one.include_router(two)
            two.include_router(one)
            @one.get("/")
            def read(): ...
        """,
    )
    assert len(found) == 1
