"""What a template does that Python code does not, as operations beside those of `ir`."""

from archwise.engine.ir import Op


class Variable(Op, frozen=True, tag="tv"):
    """A variable of the context."""

    name: str


class Lookup(Op, frozen=True, tag="tl"):
    """``value.name``: an item, an attribute or an element, which is called where it can be."""

    value: int
    name: str
    block: int
    line: int
    column: int
    end_line: int


class Grouped(Op, frozen=True, tag="tg"):
    """What ``regroup`` makes of rows: groups that hold them as ``list``."""

    value: int


class Include(Op, frozen=True, tag="ti"):
    """Another template, rendered in place with ``given`` beside the context, or without it where ``only``."""

    template: str
    given: tuple[tuple[str, int], ...]
    only: bool
    block: int
    line: int
    column: int
    end_line: int


class Tagged(Op, frozen=True, tag="tt"):
    """A filter or a tag of the project's own, called with the values of its arguments, some by name."""

    name: str
    arguments: tuple[int, ...]
    named: tuple[tuple[str, int], ...]
    block: int
    line: int
    column: int
    end_line: int
