"""One small service and what was found in it, for every renderer."""

from pathlib import Path

import pytest

from archwise.findings import Finding, Hop, Report, Unread
from archwise.report import View
from archwise.report.sources import SourceLines

FILES = {
    "app/orders.py": """\
from app.prices import price


@app.get("/orders/{number}")
async def read_order(number: int) -> float:
    return price(number)


@app.post("/orders")
async def create_order(number: int) -> float:
    total = price(number)
    return total
""",
    "app/prices.py": """\
from app.rates import load_rates


def price(number: int) -> float:
    return number * load_rates()["EUR"]
""",
    "app/rates.py": """\
import requests


def load_rates() -> dict[str, float]:
\treturn requests.get("https://rates.example", timeout=5).json()
""",
    "app/files.py": """\
async def motd() -> str:
    return open("motd.txt").read()
""",
}
TAIL = (
    Hop("app/prices.py", 5, 21, "app.prices.price", "calls load_rates"),
    Hop("app/rates.py", 5, 9, "app.rates.load_rates", "waits for the network"),
)


def order(line: int, column: int, symbol: str, root: str) -> Finding:
    return Finding(
        rule="AW201",
        name="blocking-call-on-event-loop",
        path="app/orders.py",
        line=line,
        column=column,
        end_line=line,
        symbol=f"app.orders.{symbol}",
        message="`price` waits for the network in `requests.get`, on the event loop",
        severity="error",
        confidence="certain",
        claims=("G2.5",),
        help="await `httpx.AsyncClient` in `load_rates`, or run `price` with `asyncio.to_thread`",
        fingerprint=f"f{line}",
        cause="c1",
        cause_message="`requests.get` waits for the network on the event loop",
        roots=(root,),
        trace=(Hop("app/orders.py", line, column, f"app.orders.{symbol}", "calls price"), *TAIL),
    )


FINDINGS = (
    Finding(
        rule="AW201",
        name="blocking-call-on-event-loop",
        path="app/files.py",
        line=2,
        column=12,
        end_line=2,
        symbol="app.files.motd",
        message="`open` waits for a file on the event loop",
        severity="warning",
        confidence="likely",
        claims=("G2.5",),
        help="",
        fingerprint="f0",
        cause="c0",
        cause_message="`open` waits for a file on the event loop",
        trace=(Hop("app/files.py", 2, 12, "app.files.motd", "waits for a file"),),
    ),
    order(6, 12, "read_order", "GET /orders/{number}"),
    order(11, 13, "create_order", "POST /orders"),
)


@pytest.fixture
def report(tmp_path: Path) -> Report:
    for name, text in FILES.items():
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    unread = (Unread("app/broken.py", "invalid syntax", 3),)
    return Report(str(tmp_path), FINDINGS, files=5, lines=26, unread=unread, seconds=0.04)


@pytest.fixture
def view(report: Report) -> View:
    return View(SourceLines(report.root), hidden=2)
