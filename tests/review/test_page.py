"""The page: one file, the same bytes each time, nothing of the code under review taken as HTML."""

import re
from collections.abc import Callable
from html.parser import HTMLParser

import msgspec
from small_programs import API, Reviewed

from archwise.review.model import Edge, Map, Part
from archwise.review.page import render
from archwise.review.page.markup import Markup, prose, tag

VOID = {"meta", "input", "br", "hr"}
HOSTILE = "</script><script>alert(1)</script>"
BLOCKING = {
    **API,
    "shop/routes/slow.py": f"""
        import time
        from fastapi import APIRouter
        router = APIRouter()

        @router.get("/slow")
        async def slow() -> None:
            time.sleep(1)  # {HOSTILE}
        """,
}


def page(reviewed: Callable[..., Reviewed]) -> str:
    review, report = reviewed(BLOCKING)
    return render(review, report, lambda path, line: f"time.sleep(1)  # {HOSTILE}")


class Reader(HTMLParser):
    """Knows which elements are open, and every address."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)
        self.note(attrs)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.note(attrs)

    def note(self, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.ids += [value for name, value in attrs if name == "id" and value]
        self.addresses += [value for name in ("href", "src") if (value := found.get(name))]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_it_is_well_formed_and_needs_no_network(reviewed: Callable[..., Reviewed]) -> None:
    reader = Reader()
    text = page(reviewed)
    reader.feed(text)
    assert not reader.open
    assert len(reader.ids) == len(set(reader.ids))
    assert all(address.removeprefix("#") in reader.ids for address in reader.addresses)
    assert not re.search(r"(?:https?:)?//[a-z]", re.sub(r"<script.*?</script>", "", text, flags=re.DOTALL))


def test_code_under_review_is_never_html(reviewed: Callable[..., Reviewed]) -> None:
    assert HOSTILE not in page(reviewed)


def test_the_first_screen_needs_no_script(reviewed: Callable[..., Reviewed]) -> None:
    text = page(reviewed)
    assert "A small service on FastAPI" in text
    assert text.index("time.sleep") < text.index('type="application/json"')


def test_the_same_review_gives_the_same_bytes(reviewed: Callable[..., Reviewed]) -> None:
    assert page(reviewed) == page(reviewed)


def test_text_is_escaped() -> None:
    assert tag("p", "<b>", title='"') == '<p title="&quot;">&lt;b&gt;</p>'
    assert tag("p", Markup("<b>x</b>"), None, ["a", "b"]) == "<p><b>x</b>ab</p>"
    assert prose("use `a<b`") == "use <code>a&lt;b</code>"


def test_features_in_a_corner_of_the_program_are_no_map_of_it(reviewed: Callable[..., Reviewed]) -> None:
    layers = {f"shop/{feature}/{layer}.py": "" for feature in ("a", "b", "c") for layer in ("routes", "models")}
    others = {f"shop/{package}/m{number}.py": "" for package in ("costs", "stock") for number in range(20)}
    folders = {f"shop/{name}/__init__.py": "" for name in ("a", "b", "c", "costs", "stock")} | {"shop/__init__.py": ""}
    review, _ = reviewed(folders | layers)
    assert review.map.kind == "features"
    review, _ = reviewed(others)
    assert review.map.kind == "packages"
    assert [part.name for part in review.map.parts] == ["a", "b", "c", "costs", "stock"]


def test_a_cause_says_at_how_many_places_it_is(reviewed: Callable[..., Reviewed]) -> None:
    assert '<p class="reach">1 place at shop/routes/slow.py:8, reached from 1 entry</p>' in page(reviewed)


def test_a_map_of_packages_says_which_imports_close_a_cycle(reviewed: Callable[..., Reviewed]) -> None:
    review, report = reviewed(
        {
            "shop/__init__.py": "",
            "shop/orders/__init__.py": "",
            "shop/orders/place.py": "from shop.stock import keep, count",
            "shop/orders/totals.py": "from shop.stock.keep import take",
            "shop/stock/__init__.py": "",
            "shop/stock/keep.py": "from shop.orders import place\ntake = 1",
            "shop/stock/count.py": "",
        }
    )
    assert review.map.kind == "packages"
    assert [(edge.source, edge.target, edge.wrong) for edge in review.map.edges] == [
        ("orders", "stock", 0),
        ("stock", "orders", 1),
    ]
    page = render(review, report, lambda path, line: "")
    assert "1 import closing a cycle (red)." in page
    assert "stock imports orders and closes a cycle" in page


def test_features_that_import_one_another_are_joined_all_the_same(reviewed: Callable[..., Reviewed]) -> None:
    """A longer way through a cycle implies every line of it: only ways that lead down may leave a line out."""
    around = Map(
        "features",
        False,
        tuple(Part(name, (f"shop.{name}",), 1) for name in ("orders", "stock", "users")),
        tuple(
            Edge(source, target, count, 0)
            for source, target, count in (("orders", "stock", 3), ("stock", "users", 2), ("users", "orders", 1))
        ),
    )
    review, report = reviewed(API)
    page = render(msgspec.structs.replace(review, map=around), report, lambda path, line: "")
    assert page.count('class="edge"') == 3
