"""Summaries: made of anything that parses, and the same after a round trip."""

import ast
import random
import sys
import sysconfig
from pathlib import Path

import pytest
from hypothesis import given, settings
from syntax import SOURCES

from archwise.engine import ir
from archwise.engine.extract import summarise
from archwise.engine.ir import Summary
from archwise.engine.read import decode, prepared, read

LIBRARY = Path(sysconfig.get_path("stdlib"))


def summary_of(path: Path) -> Summary:
    found = read(str(path))
    assert not found.reason
    return decode(found.summary)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "file.py"


@given(SOURCES)
@settings(max_examples=120)
def test_whatever_parses_has_a_summary(source: str) -> None:
    with prepared():
        assert summarise(source.encode()) == summarise(source.encode())


@given(SOURCES)
@settings(max_examples=30)
def test_summaries_survive_encoding(tmp_path_factory: pytest.TempPathFactory, source: str) -> None:
    file = tmp_path_factory.mktemp("source", numbered=True) / "file.py"
    file.write_text(source, encoding="utf-8")
    with prepared():
        assert summary_of(file) == summarise(source.encode())


def test_the_standard_library_is_read() -> None:
    files = sorted(LIBRARY.rglob("*.py"))
    own = [path for path in files if "site-packages" not in path.parts]
    sample = random.Random(2).sample(own, 120)
    with prepared():
        refused = [path.name for path in sample if bool(read(str(path)).reason) == parses(path)]
    assert not refused


def parses(path: Path) -> bool:
    try:
        ast.parse(path.read_bytes())
    except SyntaxError:
        return False
    return True


def test_operations_follow_their_operands(file: Path) -> None:
    file.write_text("import a\nasync def f(x: a.B = a.c()):\n    return await x.get(y)[0]\n")
    scope = summary_of(file).scopes[1]
    assert [type(op).__name__ for op in scope.ops] == [
        "Unknown",
        "Name",
        "Attribute",
        "Name",
        "Call",
        "Constant",
        "Item",
        "Await",
        "Return",
    ]
    assert (scope.name, scope.is_async, scope.awaits, scope.results) == ("f", True, True, (7,))


def test_handlers_know_their_try_and_what_they_catch(file: Path) -> None:
    file.write_text(
        "def f():\n"
        "    try:\n"
        "        g()\n"
        "    except (A, b.C) as error:\n"
        "        raise D(str(error)) from error\n"
        "    except:\n"
        "        raise\n"
        "    return 1\n"
    )
    scope = summary_of(file).scopes[1]
    named, bare = scope.handlers
    call = next(op for op in scope.ops if isinstance(op, ir.Call))
    assert call.block == named.guarded == bare.guarded
    assert [scope.blocks[handler.block].kind for handler in scope.handlers] == ["except", "except"]
    assert isinstance(scope.ops[named.type], ir.Display)
    assert scope.ops[named.raised] == ir.Raised(named.type)
    assert (bare.type, bare.raised, named.line, bare.line) == (0, 0, 4, 6)
    raised, again = (op for op in scope.ops if isinstance(op, ir.Raise))
    assert (raised.block, raised.line, raised.again) == (named.block, 5, False)
    assert ir.identifier(scope.ops[raised.cause]) == "error"
    assert isinstance(scope.ops[raised.exception], ir.Call)
    assert (again.block, again.again, again.exception) == (bare.block, True, 0)
    assert [op.line for op in scope.ops if isinstance(op, ir.Return)] == [8]


def test_texts_and_dicts_know_their_parts_and_place(file: Path) -> None:
    file.write_text("def f(x):\n    return {\n        'text': f'no {x!r}'}\n")
    ops = summary_of(file).scopes[1].ops
    text = next(op for op in ops if isinstance(op, ir.Formatted))
    assert [ops[part] for part in text.parts] == [ir.Constant("str", "no "), ir.Name("x", 0)]
    mapping = next(op for op in ops if isinstance(op, ir.Mapping))
    assert (text.line, mapping.line, mapping.column, mapping.end_line) == (3, 2, 11, 3)


def test_a_scope_counts_its_operators_and_keeps_its_keywords(file: Path) -> None:
    file.write_text(
        "class Row(Base, table=True, **more):\n"
        "    def total(self, a, b):\n"
        "        a += a * b - 1\n"
        "        return a if not a or a < b < 9 else b\n"
    )
    module, row, total = summary_of(file).scopes
    assert [(name, module.ops[value]) for name, value in row.keywords] == [
        ("table", ir.Constant("bool", "True")),
        ("**", ir.Name("more", 0)),
    ]
    assert (total.arithmetic, total.comparisons) == (3, 4)


@pytest.mark.parametrize(
    ("test", "kind"),
    [("__name__ == '__main__'", "main"), ("'__main__' == __name__", "main"), ("__name__ != '__main__'", "if")],
)
def test_the_branch_of_a_script_is_marked(test: str, kind: str) -> None:
    scope = summarise(f"if {test}:\n    run()\n".encode()).scopes[0]
    assert [block.kind for block in scope.blocks] == ["scope", kind]


@pytest.mark.parametrize("source", ["[0 for a[0] in b]", "{a: a async for a.b in c}", "(0 for [a.b, *c] in d if c)"])
def test_comprehensions_that_bind_no_name(source: str) -> None:
    with prepared():
        summarise(source.encode())


def test_numbers_too_long_for_decimals() -> None:
    summarise(b"x = 0x" + b"f" * 5000)


def test_lone_surrogates(file: Path) -> None:
    file.write_text("x = '\\ud800'\ny: '\\ud800'\nz['\\ud800'] = f(**{'\\ud800': 1})\n")
    summary_of(file)


def test_lone_surrogates_in_exports(file: Path) -> None:
    file.write_text("__all__ = ['\\ud800']\n")
    summary_of(file)


@pytest.mark.parametrize("node", ["expr", "stmt", "pattern"])
def test_syntax_from_the_future_counts_as_unknown(node: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from archwise.engine import extract

    class Future(getattr(ast, node)):  # type: ignore[misc]
        pass

    place = {"lineno": 1, "col_offset": 0, "end_lineno": 1, "end_col_offset": 0}
    value = Future(**place)
    wrapped = {
        "expr": lambda: ast.Expr(ast.Call(value, [value], [], **place), **place),
        "stmt": lambda: value,
        "pattern": lambda: ast.Match(ast.Name("x", **place), [ast.match_case(value, None, [ast.Pass()])], **place),
    }[node]()
    with monkeypatch.context() as patch:
        patch.setattr(extract.ast, "parse", lambda source: ast.Module([wrapped], []))
        summarise(b"")


def test_deep_chains_are_read_as_far_as_the_parser_reads_them(file: Path) -> None:
    deep = {
        "sums": "x = " + " + ".join(["a"] * 3000),
        "attributes": "x = a" + ".b" * 2000,
        "calls": "x = a" + ".b()" * 900,
        "subscripts": "x = a" + "[0]" * 2000,
        "conditions": "if a: pass\n" + "elif b: pass\n" * 900,
        "blocks": "".join(" " * i + "if a:\n" for i in range(99)) + " " * 99 + "pass\n",
        "displays": "x = " + "[" * 90 + "]" * 90,
        "lambdas": "x = " + "lambda: " * 200 + "a",
    }
    refused = {}
    with prepared():
        for what, source in deep.items():
            file.write_text(source)
            found = read(str(file))
            if found.reason:
                refused[what] = found.reason
    limit = "nests too deeply for Python 3.12"  # its parser has a fixed limit, a third of its neighbours'
    assert refused == ({"sums": limit} if sys.version_info[:2] == (3, 12) else {})


def test_an_error_of_our_own_is_named_and_ends_nothing(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(source: bytes) -> Summary:
        raise KeyError("x")

    monkeypatch.setattr("archwise.engine.extract.summarise", fail)
    file.write_text("x = 1\n")
    assert read(str(file)).reason == "internal error: KeyError: 'x' (please report it)"
    monkeypatch.setenv("ARCHWISE_DEBUG", "1")
    with pytest.raises(KeyError):
        read(str(file))
