"""Small programs to review."""

from archwise.findings import Report
from archwise.review.model import Review

Reviewed = tuple[Review, Report]

API = {
    "pyproject.toml": "[project]\nname = 'shop'\n",
    "shop/__init__.py": "",
    "shop/main.py": """
        from fastapi import FastAPI
        from shop.routes.orders import router
        app = FastAPI()
        app.include_router(router)
        """,
    "shop/routes/__init__.py": "",
    "shop/routes/orders.py": """
        import httpx
        from fastapi import APIRouter
        from shop.services.orders import find
        router = APIRouter()

        @router.get("/orders")
        async def orders() -> list[int]:
            async with httpx.AsyncClient() as client:
                await client.get("https://stock.internal")
            return await find()

        @router.post("/orders")
        async def place(order: int) -> int:
            return await find(order)
        """,
    "shop/services/__init__.py": "",
    "shop/services/orders.py": """
        import asyncpg
        async def find(order: int = 0) -> list[int]:
            connection = await asyncpg.connect()
            return await connection.fetch("select 1")
        """,
}
LIBRARY = {
    "pyproject.toml": "[project]\nname = 'sums'\n",
    "src/sums/__init__.py": "from sums.plain import add, double, half\n",
    "src/sums/plain.py": """
        def add(a: int, b: int) -> int:
            return a + b
        def double(a: int) -> int:
            return add(a, a)
        def half(a: int) -> float:
            return a / 2
        """,
}
SITE = {
    "manage.py": "import django\n",
    "pages/__init__.py": "",
    "pages/models.py": """
        from django.db import models
        class Page(models.Model):
            title = models.CharField(max_length=20)
        """,
    "pages/admin.py": """
        from django.contrib import admin
        from pages.models import Page
        class PageAdmin(admin.ModelAdmin):
            model = Page
        """,
    "pages/urls.py": """
        from django.urls import path
        from pages import views
        urlpatterns = [path("", views.index), path("old", views.old)]
        """,
    "pages/views.py": """
        from django.shortcuts import render
        from pages.models import Page
        def index(request):
            return render(request, "index.html", {"pages": Page.objects.all()})
        def old(request):
            return render(request, "old.html")
        """,
}
