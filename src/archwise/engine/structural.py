"""Which classes implement a protocol of the program without deriving from it (PEP 544)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from archwise.engine import ir
    from archwise.engine.hierarchy import Hierarchy
    from archwise.engine.program import Code


def implementing(hierarchy: Hierarchy, protocol: Code) -> list[Code]:
    """The classes that have all that a protocol asks for, and take what it is called with."""
    wanted = [name for name in protocol.scope.bindings if not name.startswith("__")]
    if not wanted:
        return []
    methods = {method.scope.name for method in hierarchy.methods(protocol)}.intersection(wanted) or wanted
    return [
        code
        for code in min((hierarchy.definers(name) for name in sorted(methods)), key=len)
        if code is not protocol
        and all(hierarchy.provider(code, name) is not None for name in wanted)
        and not hierarchy.is_protocol(code)
        and _takes_the_same(hierarchy, code, protocol)
        and (len(wanted) > 1 or _names_the_same(hierarchy, code, protocol, wanted[0]))
    ]


def _takes_the_same(hierarchy: Hierarchy, cls: Code, protocol: Code) -> bool:
    """Whether methods can be called with as many arguments as those of a protocol, any number where that does."""
    own = {method.scope.name: method.scope for method in hierarchy.methods(cls)}
    return all(
        _least(own[method.scope.name]) <= _most(method.scope)
        and _least(method.scope) <= _most(own[method.scope.name])
        and _rest(method.scope) <= _rest(own[method.scope.name])
        for method in hierarchy.methods(protocol)
        if method.scope.name in own and not method.scope.name.startswith("__")
    )


def _names_the_same(hierarchy: Hierarchy, cls: Code, protocol: Code, name: str) -> bool:
    """Whether the one method a protocol asks for has its parameters in a class, by name: ``close()`` has many."""
    wanted, own = ([_named(m.scope) for m in hierarchy.methods(c) if m.scope.name == name] for c in (protocol, cls))
    return bool(wanted and own and wanted[0] and wanted[0] <= own[0])


def _least(scope: ir.Scope) -> int:
    """How many arguments a function must be given by position."""
    return sum(parameter.kind == "positional" and not parameter.default for parameter in scope.parameters)


def _most(scope: ir.Scope) -> float:
    """How many arguments a function can be given by position."""
    if any(parameter.kind == "args" for parameter in scope.parameters):
        return math.inf
    return sum(parameter.kind == "positional" for parameter in scope.parameters)


def _rest(scope: ir.Scope) -> frozenset[str]:
    """The parameters of a function that take any number of arguments: ``*args``, ``**kwargs``."""
    return frozenset(parameter.kind for parameter in scope.parameters) & {"args", "kwargs"}


def _named(scope: ir.Scope) -> frozenset[str]:
    """The parameters of a method, less the object it runs on."""
    return frozenset(parameter.name for parameter in scope.parameters[1:])
