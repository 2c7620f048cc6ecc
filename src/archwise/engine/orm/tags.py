"""The filters and tags that a program gives its templates: ``@register.filter``, ``simple_tag``, ``inclusion_tag``."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from archwise.engine import ir

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archwise.engine.program import Code, Program

_FOLDER = "templatetags"
_INCLUSION = "inclusion_tag"
_REGISTERING = frozenset({"filter", "simple_tag", _INCLUSION})


class Tags:
    """Finds the functions behind filters and tags."""

    def __init__(self, program: Program) -> None:
        self._program = program

    def named(self, name: str) -> tuple[Code, str] | None:
        """The function of a filter or tag and the template that it renders, if any; None where there are several."""
        found = self._found.get(name, ())
        return found[0] if len(found) == 1 else None

    @functools.cached_property
    def _found(self) -> dict[str, list[tuple[Code, str]]]:
        found: dict[str, list[tuple[Code, str]]] = {}
        for module in self._program.modules.values():
            if _FOLDER in module.path.split("/"):
                for code in module.codes:
                    for name, template in _registered(code):
                        found.setdefault(name, []).append((code, template))
        return found


def takes_context(code: Code) -> bool:
    """Whether a tag is given the context before its arguments."""
    return any(_text(code.parent, op.argument("takes_context")) == "True" for op in _calls(code))


def _registered(code: Code) -> Iterator[tuple[str, str]]:
    """The names under which a function is registered, each with the template that it renders."""
    for parent, index in code.decorators if code.scope.kind == "function" else ():
        op = parent.scope.ops[index]
        how = parent.callee_name(index)
        if how not in _REGISTERING:
            continue
        given = dict(op.keywords) if isinstance(op, ir.Call) else {}
        first = op.arguments[0] if isinstance(op, ir.Call) and op.arguments else 0
        template = _text(parent, given.get("filename", first)) if how == _INCLUSION else ""
        name = _text(parent, given.get("name", 0 if how == _INCLUSION else first))
        yield name or code.scope.name, template


def _calls(code: Code) -> Iterator[ir.Call]:
    for parent, index in code.decorators:
        op = parent.scope.ops[index]
        if isinstance(op, ir.Call):
            yield op


def _text(code: Code | None, index: int) -> str:
    op = code.scope.ops[index] if code is not None else None
    return op.text if isinstance(op, ir.Constant) else ""
