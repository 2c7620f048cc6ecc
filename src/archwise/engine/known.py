"""What is surely known of a value where it is written: its literal, whose instance it is, which parameter it is.

Unlike the inferred values it never leaves out that something may be missing, so a condition can be ruled out by it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.engine import ir
from archwise.engine.values import (
    UNKNOWN,
    UNKNOWN_VALUES,
    ClassValue,
    External,
    Instance,
    Literal,
    Symbolic,
    Values,
)

if TYPE_CHECKING:
    from archwise.engine.inference import Inference
    from archwise.engine.program import Code

EMPTY, OPEN, FULL = "", "?", "+"
"""What is known of the truth of a container or object: surely false, not known, surely true."""
FILLED = frozenset({"list", "set", "dict"})
"""Containers that may be empty where they are made and hold something later."""
FIELDS = frozenset({"dataclasses.field", "attr.ib", "attrs.field", "pydantic.Field", "pydantic.PrivateAttr"})
"""What declares a field of a data class, with its default."""
_ALIASES = frozenset({"alias", "validation_alias"})
_CONTAINERS = {"builtins.list": "list", "builtins.set": "set", "builtins.dict": "dict"}
_PRESENT = frozenset({"asyncio.get_running_loop", "asyncio.get_event_loop", "asyncio.new_event_loop"})
"""Functions that give an object or fail."""
_DEEPEST = 6
_MOST_BINDINGS = 6


class Known:
    """Reads what is written; a name counts as what all of its bindings say."""

    def __init__(self, inference: Inference) -> None:
        self._inference = inference

    def of(self, code: Code, index: int, depth: int = 0) -> Values:
        """All that an operation may be, with `UNKNOWN` among it where something is not seen.

        Containers and objects are literals of a kind of their own (``list``, ``object``, ``member``, …), and so is a
        text of which no more than the end may be known (``format``).
        """
        op = code.scope.ops[index]
        if depth > _DEEPEST:
            return UNKNOWN_VALUES
        if isinstance(op, ir.Constant):
            return (Literal(op.kind, op.text),)
        if isinstance(op, ir.Name):
            return self._name(code, op, depth)
        if isinstance(op, ir.Attribute):
            return self._attribute(code, op, index)
        if isinstance(op, ir.Either):
            found = [value for option in op.options for value in self.of(code, option, depth + 1)]
            return tuple(dict.fromkeys(found))
        if isinstance(op, ir.Formatted):
            last = code.scope.ops[op.parts[-1]] if op.parts else None
            return (Literal("format", OPEN + (last.text if isinstance(last, ir.Constant) else "")),)
        if isinstance(op, ir.Display):
            return (Literal(op.kind, OPEN if op.items else EMPTY),)
        if isinstance(op, ir.Mapping):
            return (Literal("dict", OPEN if op.values else EMPTY),)
        if isinstance(op, ir.Define):
            return (Literal("object", FULL),)
        if isinstance(op, ir.Call):
            return self._made(code, op, depth)
        return UNKNOWN_VALUES

    def _name(self, code: Code, op: ir.Name, depth: int) -> Values:
        bindings = code.scope.bindings.get(op.id, ())
        is_parameter = any(parameter.name == op.id for parameter in code.scope.parameters)
        own = (Symbolic(code, op.id),) if is_parameter else ()
        if code.scope.kind not in ("function", "lambda") or op.id in code.scope.globals:
            return UNKNOWN_VALUES
        if not bindings:
            return own or self._constant(code, op.id, depth)
        if len(bindings) > _MOST_BINDINGS:
            return UNKNOWN_VALUES
        bound = [self._bound(code, binding, depth) for binding in bindings]
        return tuple(dict.fromkeys(value for values in (own, *bound) for value in values))

    def lasting(self, code: Code, index: int, depth: int = 0) -> Values:
        """All that an operation may have given when somebody asks later: what was empty then may have been filled."""
        found = self.of(code, index, depth)
        return tuple(Literal(v.kind, OPEN) if isinstance(v, Literal) and v.kind in FILLED else v for v in found)

    def _bound(self, code: Code, binding: ir.Binding, depth: int) -> Values:
        """What a binding gives its name."""
        return self.lasting(code, binding.value, depth + 1) if binding.value else UNKNOWN_VALUES

    def _constant(self, code: Code, name: str, depth: int) -> Values:
        """What a module binds a name to once and for all; unknown where a function may bind it, too."""
        binding = None if code.hides(name) else code.module.bound_once(name)
        return UNKNOWN_VALUES if binding is None else self._bound(code.module.code, binding, depth)

    def _attribute(self, code: Code, op: ir.Attribute, index: int) -> Values:
        root, _, rest = ir.path(code.scope.ops, index).partition(".")
        if rest and root not in code.scope.bindings:
            if any(parameter.name == root for parameter in code.scope.parameters):
                return (Symbolic(code, root, tuple(f".{part}" for part in rest.split("."))),)
            for value in self._inference.values(code, op.value):
                if isinstance(value, ClassValue) and self._inference.classes.is_enum(value.code):
                    return (Literal("member", f"{value.code.key}.{op.name}"),)
        return UNKNOWN_VALUES

    def _made(self, code: Code, op: ir.Call, depth: int) -> Values:
        called = self._inference.values(code, op.function)
        if len(called) != 1:
            return UNKNOWN_VALUES
        if isinstance(called[0], ClassValue):
            return (Instance(called[0].code, (), True),)
        if isinstance(called[0], External):
            name = called[0].name
            if name == "builtins.str":
                return (Literal("format", OPEN),)
            if name in FIELDS:
                return self._default(code, op, depth)
            if name in _CONTAINERS and not (op.arguments or op.keywords or op.starred):
                return (Literal(_CONTAINERS[name], EMPTY),)
            if name in _PRESENT or self._inference.facts.class_(name) is not None:
                return (Literal("object", OPEN),)
        return (UNKNOWN,)

    def _default(self, code: Code, op: ir.Call, depth: int) -> Values:
        """What a field of a data class is given that is declared by a call: ``Field("a")``, ``field(default=None)``."""
        given = dict(op.keywords)
        if not _ALIASES.isdisjoint(given):
            return UNKNOWN_VALUES
        default = given.get("default") or next(iter(op.arguments), 0)
        if default:
            return self.of(code, default, depth + 1)
        factory = given.get("default_factory") or given.get("factory")
        made = self._inference.values(code, factory) if factory else ()
        kinds = [_CONTAINERS.get(each.name) for each in made if isinstance(each, External)]
        return (Literal(kinds[0], EMPTY),) if len(made) == 1 and kinds and kinds[0] else UNKNOWN_VALUES
