"""Where a module uses what it imports: while it is imported, in functions, or in annotations alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from archwise.engine import ir

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archwise.engine.imports import Import
    from archwise.engine.program import Code


class Usage(msgspec.Struct, frozen=True):
    """The uses of an imported name: whether the module's own body needs it, and which functions do."""

    at_import: bool
    functions: tuple[Code, ...]


def usage(each: Import) -> Usage:
    """How the importing module uses what an import binds."""
    names = {
        name for name, bindings in each.code.scope.bindings.items() for binding in bindings if binding.value == each.op
    }
    at_import = not names
    functions: dict[Code, None] = {}
    for code in each.importer.codes:
        typed: set[int] | None = None
        for index, op in enumerate(code.scope.ops):
            if type(op) is not ir.Name or op.id not in names:
                continue
            typed = set(_annotations(code)) if typed is None else typed
            if index in typed:
                continue
            if (function := _function(code)) is not None:
                functions[function] = None
            else:
                at_import = True
    exported = not names.isdisjoint(each.importer.summary.exports or ()) or each.importer.is_package
    return Usage(at_import or exported, tuple(functions))


def _function(code: Code) -> Code | None:
    """The outermost function around a scope."""
    found = None
    inner: Code | None = code
    while inner is not None:
        if inner.scope.kind == "function":
            found = inner
        inner = inner.parent
    return found


def _annotations(code: Code) -> Iterator[int]:
    """The operations of a scope that are parts of annotations."""
    scope = code.scope
    roots = [binding.annotation for bindings in scope.bindings.values() for binding in bindings]
    roots += [store.annotation for store in scope.stores]
    for inner in code.inner:
        roots += [parameter.annotation for parameter in inner.scope.parameters]
        roots.append(inner.scope.returns_annotation)
    pending = [root for root in roots if root]
    while pending:
        index = pending.pop()
        yield index
        match scope.ops[index]:
            case ir.Attribute(value=value):
                pending.append(value)
            case ir.Item(value=value, key=key):
                pending += [value, key]
            case ir.Operation(value=value, operand=operand):
                pending += [value, operand]
            case ir.Display(items=items):
                pending += items
            case ir.Either(options=options):
                pending += options
