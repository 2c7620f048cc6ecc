"""Conditions on what parameters are given, and the calls that give it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from archwise.engine import ir

if TYPE_CHECKING:
    from archwise.engine.program import Code
    from archwise.engine.values import Values

MOST = 6
"""Conditions that are carried through calls."""
ENTRY = "*"
"""Ends the path of what some entry of a table must be."""
_WIDEST = 8
_MAKERS = frozenset({"__init__", "__new__", "__post_init__"})


class Need(msgspec.Struct, frozen=True, cache_hash=True):
    """A condition on what a parameter of ``code`` is given: ``path`` begins with its name."""

    code: Code
    path: str
    kind: ir.Condition
    operand: Values = ()
    unless: tuple[Need, ...] = ()
    """Conditions under which the function puts something else in its place first."""


class Written(msgspec.Struct, frozen=True, gc=False):
    """A call as it stands in the program; ``bound`` where its function has been given its first parameter already."""

    code: Code
    call: ir.Call
    bound: bool

    def given(self, called: Code, name: str) -> tuple[Code, int] | None:
        """The operation that a call gives a parameter: an argument, the receiver, the default."""
        call, parameters = self.call, called.scope.parameters
        position = next((at for at, parameter in enumerate(parameters) if parameter.name == name), None)
        if position is None or parameters[position].kind in ("args", "kwargs"):
            return None
        if self.bound and position == 0:
            return self._receiver(called)
        keyword = next((value for given, value in call.keywords if given == name), None)
        if keyword is not None:
            return self.code, keyword
        position -= self.bound
        if position < len(call.arguments) and parameters[position + self.bound].kind == "positional":
            return self.code, call.arguments[position]
        default = parameters[position + self.bound].default
        if call.starred or not default or called.parent is None:
            return None
        return called.parent, default

    def _receiver(self, called: Code) -> tuple[Code, int] | None:
        function = self.code.scope.ops[self.call.function]
        if called.scope.name in _MAKERS or not isinstance(function, ir.Attribute) or function.name != called.scope.name:
            return None
        return self.code, function.value


Needs = tuple[Need, ...]


def at(need: Need, code: Code, path: str) -> Need:
    """A need, and what may come before it, on another path."""
    unless = tuple(Need(code, path, each.kind, each.operand) for each in need.unless)
    return Need(code, path, need.kind, need.operand, unless)


def merged(first: Needs, second: Needs) -> Needs:
    """What must hold for either of two ways: each condition of the first one, as far as the second one shares it.

    None is stronger than it was and there are never more of them, so that merging again and again comes to an end.
    """
    shared = (need if need in second else _either(need, second) for need in first)
    return tuple(dict.fromkeys(need for need in shared if need is not None))


def _either(need: Need, others: Needs) -> Need | None:
    """A choice among literals widened by another way's choice for the same path, unless that leaves next to any."""
    for other in others:
        if need.kind == other.kind == "among" and (need.code, need.path) == (other.code, other.path):
            operand = tuple(dict.fromkeys(need.operand + other.operand))
            return msgspec.structs.replace(need, operand=operand) if len(operand) <= _WIDEST else None
    return None


def together(first: Needs, second: Needs) -> Needs:
    """What must hold for both."""
    return tuple(dict.fromkeys(first + second))[:MOST] if second else first
