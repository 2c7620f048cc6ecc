"""Small programs at random whose files, classes and functions call one another, and libraries that block."""

from random import Random

from hypothesis import strategies as st

HEAD = """\
import asyncio, functools, time, typing
import requests, redis, httpx
from concurrent.futures import ThreadPoolExecutor
from fastapi import APIRouter, Depends, FastAPI
from requests import Session
app = FastAPI()
router = APIRouter()
"""
MODULES = ("a", "b", "pkg.c", "pkg.d", "pkg")
SHARED = ("f", "g", "h", "Client", "Service", "client", "pool")
VALUES = (*SHARED, "x", "y", "self", "self.client", "app", "functools", "Session", "requests", "cls.pool", "é")
CALLS = (
    "time.sleep(1)", "requests.get(x)", "requests.Session()", "Session().get(y)", "redis.Redis()", "httpx.Client()",
    "httpx.AsyncClient()", "open(x).read()", "asyncio.run(f())", "ThreadPoolExecutor(2)", "super().close()",
    "asyncio.to_thread(f, x)", "asyncio.create_task(g())", "functools.partial(f, x)()", "Depends(f)", "self.get(x)",
    "self.client.get(y)", "Client().get(x)", "Service(client).get()", "client.get(y)", "pool.submit(f, x)",
)  # fmt: skip
DECORATORS = (
    "app.get('/x')",
    "functools.lru_cache",
    "router.post('/y')",
    "staticmethod",
    "classmethod",
    "property",
    "f",
)
SPECIAL = (
    "__call__", "__init__", "__new__", "__getattr__", "__getitem__", "__enter__", "__aenter__", "__iter__", "__get__",
    "__await__", "__class_getitem__", "__add__", "__bool__", "__str__", "__bases__", "__post_init__", "__next__",
)  # fmt: skip
ANNOTATIONS = ("Client", "Service", "'Client | None'", "requests.Session", "list[Client]", "typing.Callable", "x")


class Writer:
    """Writes the text of one module."""

    def __init__(self, random: Random, module: str) -> None:
        self.random, self.module = random, module

    def text(self) -> str:
        imports = [self.import_() for _ in range(self.random.randint(0, 3))]
        return HEAD + "\n".join(imports) + "\n" + "\n".join(self.top() for _ in range(self.random.randint(1, 5))) + "\n"

    def import_(self) -> str:
        names = self.random.choice(("*", ", ".join(self.random.sample(SHARED, 2)), "f as g"))
        source = self.random.choice((*MODULES, ".", ".c", "..a") if "pkg" in self.module else MODULES)
        return self.random.choice((f"from {source} import {names}", f"import {source.strip('.') or 'pkg'}"))

    def top(self) -> str:
        return self.random.choice((self.function, self.function, self.class_, lambda: self.simple(1)))()

    def function(self, method: bool = False) -> str:
        keyword = self.random.choice(("def", "async def"))
        name = self.random.choice(("__init__", "get", "close", "__enter__", "__call__") if method else SHARED)
        decorator = f"@{self.random.choice(DECORATORS)}\n" if self.random.random() < 0.4 else ""
        kind = self.random.choice(ANNOTATIONS)
        returns = f" -> {self.random.choice(ANNOTATIONS)}" if self.random.random() < 0.3 else ""
        first = "self, " if method else ""
        return f"{decorator}{keyword} {name}({first}x: {kind} = {self.value(1)}, y=None){returns}:\n{self.body()}"

    def class_(self) -> str:
        base = self.random.choice(("", "(Client)", "(Service, Client)", "(typing.Protocol)", "(requests.Session)"))
        special = f"{self.random.choice(SPECIAL)} = {self.value(1)}"
        members = [
            f"pool = {self.value(1)}",
            special,
            *(self.function(method=True) for _ in range(self.random.randint(1, 3))),
        ]
        return f"class {self.random.choice(('Client', 'Service'))}{base}:\n" + _indented("\n".join(members))

    def body(self, depth: int = 2) -> str:
        return _indented("\n".join(self.statement(depth) for _ in range(self.random.randint(1, 3))))

    def statement(self, depth: int) -> str:
        if depth == 0 or self.random.random() < 0.5:
            return self.simple(depth)
        head = self.random.choice(
            (f"if {self.value(1)}:", f"for x in {self.value(1)}:", f"with {self.value(1)} as client:", "try:")
        )
        tail = "\nexcept Exception:\n    raise" if head == "try:" else ""
        return f"{head}\n{self.body(depth - 1)}{tail}"

    def simple(self, depth: int) -> str:
        value = self.value(depth)
        target = self.random.choice(("x", "client", "self.client", "pool", "x, *y", "x['k']"))
        return self.random.choice((value, value, f"{target} = {value}", f"x: Client = {value}", f"global {SHARED[-1]}"))

    def value(self, depth: int) -> str:
        if depth == 0 or self.random.random() < 0.4:
            return self.random.choice((self.random.choice(VALUES), self.random.choice(CALLS)))
        inner, other = self.value(depth - 1), self.value(depth - 1)
        return self.random.choice(
            (
                f"{inner}.get({other})",
                f"({inner})(x)",
                f"({inner} or {other})",
                f"[{inner}, {other}][0]",
                f"{{'k': {inner}}}['k']",
                f"[x for x in {inner}]",
                f"(lambda x: {inner})",
                f"({inner} if y else {other})",
                f"f({inner}, y={other})",
            )
        )


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.split("\n"))


def program(seeds: list[int]) -> dict[str, str]:
    """The files of a program, of a module a seed."""
    texts = {module: Writer(Random(seed), module).text() for module, seed in zip(MODULES, seeds, strict=False)}
    texts.setdefault("pkg", "")
    return {_path(module): text for module, text in texts.items()}


def _path(module: str) -> str:
    return "pkg/__init__.py" if module == "pkg" else f"{module.replace('.', '/')}.py"


Files = dict[str, str]
PROGRAMS: st.SearchStrategy[Files] = st.lists(st.integers(0, 2**32), min_size=1, max_size=len(MODULES)).map(program)
