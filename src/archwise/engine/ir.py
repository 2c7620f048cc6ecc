"""The intermediate form of one file: scopes, each a flat list of small operations.

An operation names its operands by their index in the same list, so a value is computed once and no walk recurses.
Operations stand in source order: a smaller index was evaluated earlier, but for loops. Index 0 is always `Unknown`.
"""

from typing import Literal

import msgspec

BlockKind = Literal["scope", "if", "loop", "search", "lazy", "try", "except", "with", "case", "rest"]


class Op(msgspec.Struct, frozen=True, array_like=True, gc=False, tag_field="op"):
    """One operation."""


class Unknown(Op, tag="?"):
    """An expression nothing is made of."""


class Constant(Op, tag="k"):
    """A literal; ``text`` is its value where short."""

    kind: Literal["str", "number", "bool", "none", "bytes", "ellipsis"]
    text: str


class Name(Op, tag="n"):
    """A name that is read."""

    id: str
    block: int


class Attribute(Op, tag="a"):
    """``value.name``, read."""

    value: int
    name: str
    block: int
    line: int
    column: int
    end_line: int


class Call(Op, tag="c"):
    """``function(*arguments, **keywords)``; ``starred`` where more arguments may be passed than are seen."""

    function: int
    arguments: tuple[int, ...]
    keywords: tuple[tuple[str, int], ...]
    starred: bool
    block: int
    line: int
    column: int
    end_line: int


class Await(Op, tag="w"):
    """``await value``."""

    value: int
    block: int
    line: int


class Item(Op, tag="i"):
    """``value[key]``, read."""

    value: int
    key: int
    block: int
    line: int
    column: int
    end_line: int


class Element(Op, tag="e"):
    """What iterating over ``value`` gives: the target of a loop, ``yield from``, ``*value``."""

    value: int
    is_async: bool
    block: int
    line: int
    column: int
    end_line: int


class Enter(Op, tag="x"):
    """What ``with value as …`` binds; ``awaits`` where the body awaits."""

    value: int
    is_async: bool
    awaits: bool
    block: int
    line: int
    column: int
    end_line: int


class Operation(Op, tag="o"):
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


class Display(Op, tag="d"):
    """A list, tuple or set written out."""

    kind: Literal["list", "tuple", "set"]
    items: tuple[int, ...]


class Mapping(Op, tag="m"):
    """A dict written out; the key of ``**other`` is 0."""

    keys: tuple[int, ...]
    values: tuple[int, ...]


class Either(Op, tag="|"):
    """One of several values: a conditional expression, ``or``, ``and``."""

    options: tuple[int, ...]


class Unpack(Op, tag="u"):
    """The element at ``position`` of a value that is taken apart; -1 where the position is not known."""

    value: int
    position: int


class Raised(Op, tag="r"):
    """The exception an ``except`` clause binds."""

    type: int


class Define(Op, tag="f"):
    """A function, lambda or class made in this scope."""

    scope: int


class Import(Op, tag="p"):
    """``from module import name``, or ``import module`` where there is no name; ``level`` counts leading dots."""

    module: str
    name: str
    level: int
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
    | Raised
    | Define
    | Import
)


class _Record(msgspec.Struct, frozen=True, array_like=True, gc=False):
    pass


class Test(_Record):
    """A condition known to hold in a block: ``path`` is an instance of ``type``, or the kind says what."""

    path: str
    kind: Literal["is", "is-not", "none", "not-none", "coroutine", "not-coroutine"]
    type: int


class Block(_Record):
    """A stretch of a scope that may run or not; ``once`` where a guard lets it run a first time only."""

    parent: int
    kind: BlockKind
    tests: tuple[Test, ...]
    once: bool


class Binding(_Record):
    """A name bound to an operation's value; ``order`` counts the operations before it."""

    value: int
    annotation: int
    block: int
    order: int


class Store(_Record):
    """``target.name = value``, or ``target["name"] = value`` where ``item``."""

    target: int
    name: str
    value: int
    annotation: int
    block: int
    item: bool


class Parameter(_Record):
    """A parameter; annotation and default are operations of the enclosing scope, 0 where there is none."""

    name: str
    annotation: int
    default: int
    kind: Literal["positional", "keyword", "args", "kwargs"]


class Scope(_Record):
    """A module, class, function or lambda. Decorators, bases and annotations are operations of the enclosing scope."""

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
    ops: tuple[AnyOp, ...]
    bindings: dict[str, tuple[Binding, ...]]
    stores: tuple[Store, ...]
    results: tuple[int, ...]
    yields: tuple[int, ...]
    discarded: tuple[int, ...]
    blocks: tuple[Block, ...]
    globals: tuple[str, ...]
    stars: tuple[int, ...]


class Suppression(_Record):
    """A comment that silences findings on its line; no codes means all."""

    line: int
    codes: tuple[str, ...]
    style: Literal["archwise", "noqa"]


class Summary(_Record):
    """All that later stages need of one file; it depends on the file's bytes alone."""

    scopes: tuple[Scope, ...]
    called: dict[str, tuple[int, ...]]
    """Calls by the last identifier of what is called: scope and operation, in turns."""
    imports: tuple[str, ...]
    """The first names of absolute imports."""
    exports: tuple[str, ...] | None
    lines: int
    ascii: bool
    suppressions: tuple[Suppression, ...]
