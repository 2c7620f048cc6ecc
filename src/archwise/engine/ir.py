"""The intermediate form of one file: scopes, each a flat list of small operations.

An operation names its operands by their index in the same list, so a value is computed once and no walk recurses.
Operations stand in source order: a smaller index was evaluated earlier, but for loops. Index 0 is always `Unknown`.
"""

from typing import Literal

import msgspec

Condition = Literal[
    "is",
    "is-not",
    "none",
    "not-none",
    "true",
    "false",
    "among",
    "not-among",
    "starts",
    "not-starts",
    "holds",
    "not-holds",
    "coroutine",
    "not-coroutine",
    "async-generator",
    "not-async-generator",
]
FLOWING: frozenset[Condition] = frozenset({"coroutine", "not-coroutine", "async-generator", "not-async-generator"})
"""What is asked of how something runs, not of what it holds: ``inspect.iscoroutinefunction(f)``."""
ASKED: frozenset[Condition] = frozenset({"holds", "not-holds"})
"""What a function says of the value that it is called with: ``is_local(host)``."""
BlockKind = Literal["scope", "if", "main", "loop", "search", "lazy", "try", "except", "with", "case", "rest"]
"""``main`` is the branch of ``if __name__ == "__main__"``."""


class Op(msgspec.Struct, frozen=True, array_like=True, gc=False, tag_field="op"):
    """One operation."""


class Unknown(Op, frozen=True, tag="?"):
    """An expression nothing is made of."""


class Constant(Op, frozen=True, tag="k"):
    """A literal; ``text`` is its value where short. A slice's is ``[:n]``, where it is written out that it gives ``n``
    items at most, or the name of a number is; else ``[:]``.
    """

    kind: Literal["str", "number", "bool", "none", "bytes", "ellipsis", "slice"]
    text: str


class Name(Op, frozen=True, tag="n"):
    """A name that is read."""

    id: str
    block: int


class Attribute(Op, frozen=True, tag="a"):
    """``value.name``, read."""

    value: int
    name: str
    block: int
    line: int
    column: int
    end_line: int


class Call(Op, frozen=True, tag="c"):
    """``function(*arguments, **keywords)``; ``starred`` are the values given as ``*value``, each an `Element`, and
    ``**value``: what they hold may not be seen.
    """

    function: int
    arguments: tuple[int, ...]
    keywords: tuple[tuple[str, int], ...]
    starred: tuple[int, ...]
    block: int
    line: int
    column: int
    end_line: int

    @property
    def given(self) -> tuple[int, ...]:
        """Every argument, those by position first."""
        return (*self.arguments, *(value for _, value in self.keywords))

    def argument(self, *places: int | str) -> int:
        """The argument at the first of these positions and names that has one; 0 where none has."""
        given: dict[int | str, int] = {**dict(enumerate(self.arguments)), **dict(self.keywords)}
        return next(filter(None, map(given.get, places)), 0)


class Await(Op, frozen=True, tag="w"):
    """``await value``."""

    value: int
    block: int
    line: int


class Item(Op, frozen=True, tag="i"):
    """``value[key]``, read."""

    value: int
    key: int
    block: int
    line: int
    column: int
    end_line: int


class Element(Op, frozen=True, tag="e"):
    """What iterating over ``value`` gives: the target of a loop, ``yield from``, ``*value``."""

    value: int
    is_async: bool
    block: int
    line: int
    column: int
    end_line: int


class Enter(Op, frozen=True, tag="x"):
    """What ``with value as …`` binds; ``awaits`` where the body awaits, which ends before the operation ``until``."""

    value: int
    is_async: bool
    awaits: bool
    until: int
    block: int
    line: int
    column: int
    end_line: int


class Operation(Op, frozen=True, tag="o"):
    """An operator or protocol that runs a method of ``value``: ``value.method(operand)``.

    The method of an assignment ``value.name = operand`` is ``name=``.
    """

    method: str
    value: int
    operand: int
    block: int
    line: int
    column: int
    end_line: int


COMPARISONS = frozenset({"__eq__", "__lt__", "__le__", "__gt__", "__ge__"})
"""The methods of comparisons; ``!=`` is read as ``==``."""


class Display(Op, frozen=True, tag="d"):
    """A list, tuple or set written out; in a class body with the line of each item."""

    kind: Literal["list", "tuple", "set"]
    items: tuple[int, ...]
    lines: tuple[int, ...] = ()


class Mapping(Op, frozen=True, tag="m"):
    """A dict written out; the key of ``**other`` is 0."""

    keys: tuple[int, ...]
    values: tuple[int, ...]
    line: int
    column: int
    end_line: int


class Formatted(Op, frozen=True, tag="s"):
    """An f-string: its literal parts and the values put in."""

    parts: tuple[int, ...]
    line: int
    column: int
    end_line: int


class Either(Op, frozen=True, tag="|"):
    """One of several values: a conditional expression, ``or``, ``and``."""

    options: tuple[int, ...]


class Unpack(Op, frozen=True, tag="u"):
    """The element at ``position`` of a value that is taken apart; -1 where the position is not known."""

    value: int
    position: int


class Raised(Op, frozen=True, tag="r"):
    """The exception an ``except`` clause binds."""

    type: int


class Raise(Op, frozen=True, tag="!"):
    """``raise exception from cause``; ``again`` where it names no exception and raises the one being handled."""

    exception: int
    cause: int
    again: bool
    block: int
    line: int
    column: int
    end_line: int


class Return(Op, frozen=True, tag="t"):
    """``return value``; 0 where it gives nothing."""

    value: int
    block: int
    line: int
    column: int
    end_line: int


class Define(Op, frozen=True, tag="f"):
    """A function, lambda or class made in this scope."""

    scope: int


class Import(Op, frozen=True, tag="p"):
    """``from module import name``, or ``import module`` where there is no name; ``level`` counts leading dots."""

    module: str
    name: str
    level: int
    block: int
    line: int


AnyOp = (
    Unknown
    | Constant
    | Name
    | Attribute
    | Call
    | Await
    | Item
    | Element
    | Enter
    | Operation
    | Display
    | Mapping
    | Either
    | Unpack
    | Formatted
    | Raised
    | Raise
    | Return
    | Define
    | Import
)


class _Record(msgspec.Struct, frozen=True, array_like=True, gc=False):
    pass


class Test(_Record, frozen=True):
    """A condition known to hold in a block of what ``path`` names.

    ``operand`` is the type it is an instance of, or the literal or literals it is ``among`` or ``starts`` with; else 0.
    """

    path: str
    kind: Condition
    operand: int


class Block(_Record, frozen=True):
    """A stretch of a scope that may run or not; ``once`` where a guard lets it run a first time only."""

    parent: int
    kind: BlockKind
    tests: tuple[Test, ...]
    once: bool


class Handler(_Record, frozen=True):
    """An ``except`` clause: the block of the ``try`` it belongs to, its own, what it catches and binds.

    ``type`` is 0 where it catches everything, ``raised`` where it binds no name.
    """

    guarded: int
    block: int
    type: int
    raised: int
    line: int


class Binding(_Record, frozen=True):
    """A name bound to an operation's value; ``order`` counts the operations before it."""

    value: int
    annotation: int
    block: int
    order: int


class Store(_Record, frozen=True):
    """``target.name = value``, or ``target["name"] = value`` where ``item``."""

    target: int
    name: str
    value: int
    annotation: int
    block: int
    item: bool


class Parameter(_Record, frozen=True):
    """A parameter; annotation and default are operations of the enclosing scope, 0 where there is none."""

    name: str
    annotation: int
    default: int
    kind: Literal["positional", "keyword", "args", "kwargs"]


class Scope(_Record, frozen=True):
    """A module, class, function or lambda.

    Decorators, bases, annotations and a class's ``keywords`` are operations of the enclosing scope. ``comparisons``
    and ``arithmetic`` count the operators of each sort, with ``and``, ``or`` and ``not`` among the comparisons.
    """

    kind: Literal["module", "class", "function", "lambda"]
    name: str
    qualname: str
    parent: int
    line: int
    column: int
    is_async: bool
    is_generator: bool
    is_stub: bool
    awaits: bool
    parameters: tuple[Parameter, ...]
    returns_annotation: int
    decorators: tuple[int, ...]
    bases: tuple[int, ...]
    keywords: tuple[tuple[str, int], ...]
    ops: tuple[AnyOp, ...]
    bindings: dict[str, tuple[Binding, ...]]
    stores: tuple[Store, ...]
    results: tuple[int, ...]
    yields: tuple[int, ...]
    discarded: tuple[int, ...]
    blocks: tuple[Block, ...]
    handlers: tuple[Handler, ...]
    comparisons: int
    arithmetic: int
    globals: tuple[str, ...]
    stars: tuple[int, ...]


class Suppression(_Record, frozen=True):
    """A comment that silences findings on its line; no codes means all."""

    line: int
    codes: tuple[str, ...]
    style: Literal["archwise", "noqa"]


class Summary(_Record, frozen=True):
    """All that later stages need of one file; it depends on the file's bytes alone."""

    scopes: tuple[Scope, ...]
    called: dict[str, tuple[int, ...]]
    """Calls by the last identifier of what is called: scope and operation, in turns."""
    imports: tuple[str, ...]
    """The first names of absolute imports."""
    exports: tuple[str, ...] | None
    lines: int
    wide: tuple[int, ...]
    """The lines that hold anything but ASCII, on which a column in characters is not one in bytes."""
    generated: bool
    """Whether the comment at its head says that a program wrote it."""
    suppressions: tuple[Suppression, ...]


def identifier(op: AnyOp) -> str:
    """The last identifier of a name or a dotted path, as it is written; empty for any other operation."""
    return op.id if isinstance(op, Name) else op.name if isinstance(op, Attribute) else ""


def is_none(op: AnyOp | None) -> bool:
    """Whether an operation is the constant ``None``."""
    return isinstance(op, Constant) and op.kind == "none"


def suspends(op: AnyOp) -> bool:
    """Whether a function gives way to others at an operation: ``await``, ``async for``, ``async with``."""
    return isinstance(op, Await) or (isinstance(op, (Element, Enter)) and op.is_async)


def path(ops: tuple[AnyOp, ...], index: int) -> str:
    """A name or dotted path as it is written; empty for anything else."""
    op = ops[index]
    if isinstance(op, Name):
        return op.id
    if isinstance(op, Attribute):
        base = path(ops, op.value)
        return f"{base}.{op.name}" if base else ""
    return ""
