"""What findings advise to add, where that depends on the framework."""

from pathlib import Path

from archwise.check import check
from archwise.settings import Settings

MODELS = """\
from django.db import models


class Customer(models.Model):
    name = models.CharField(max_length=80)


class Order(models.Model):
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE)
    seller = models.ForeignKey(Customer, null=True, related_name="sold", on_delete=models.SET_NULL)
    packer = models.ForeignKey(Customer, null=True, related_name="packed", on_delete=models.SET_NULL)
    watchers = models.ManyToManyField(Customer, related_name="watched")
"""


def advised(folder: Path, **files: str) -> set[str]:
    (folder / "shop").mkdir()
    for name, text in {"models": MODELS, **files}.items():
        (folder / "shop" / f"{name}.py").write_text(text)
    settings = Settings(select=("AW501", "AW503"), root=folder, cache=False, severity="info")
    return {finding.help for finding in check([folder], settings).findings}


def test_an_admin_class_is_told_all_that_its_list_reads_and_what_django_loaded(tmp_path: Path) -> None:
    admin = """\
from django.contrib import admin

from shop.models import Order


@admin.register(Order)
class OrderAdmin(admin.ModelAdmin):
    list_display = ["pk", "customer", "seller", "packer"]
"""
    wanted = 'set `list_select_related = ["seller", "packer", "customer"]` in `OrderAdmin`'
    assert advised(tmp_path, admin=admin) == {wanted}


def test_a_model_without_an_admin_class_is_given_one(tmp_path: Path) -> None:
    admin = """\
from django.contrib import admin

from shop.models import Sale

admin.site.register(Sale)
"""
    models = (
        MODELS
        + """\


class Sale(models.Model):
    order = models.ForeignKey(Order, on_delete=models.CASCADE)

    def __str__(self) -> str:
        return f"sale of {self.order.pk}, {self.order.seller}"
"""
    )
    wanted = 'set `list_select_related = ["order__seller"]` in a `ModelAdmin` to register it with'
    assert wanted in advised(tmp_path, models=models, admin=admin)


def test_rows_of_many_are_loaded_where_the_admin_class_makes_its_query(tmp_path: Path) -> None:
    admin = """\
from django.contrib import admin

from shop.models import Order


@admin.register(Order)
class OrderAdmin(admin.ModelAdmin):
    list_display = ["pk", "names"]

    def names(self, order: Order) -> str:
        return ", ".join(watcher.name for watcher in order.watchers.all())
"""
    wanted = 'add `.prefetch_related("watchers")` in `get_queryset` of `OrderAdmin`'
    assert advised(tmp_path, admin=admin) == {wanted}
