"""Attributes of a program's classes that other packages read although nothing says what they hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from archwise.engine import ir
from archwise.engine.layers import is_application
from archwise.engine.values import class_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archwise.engine.fallback import Fallback
    from archwise.engine.inference import Inference
    from archwise.engine.program import Code
    from archwise.engine.public import Public


class Untyped(msgspec.Struct, frozen=True, gc=False):
    """An attribute without a type: where it is first given something, and the packages that read it."""

    cls: Code
    name: str
    code: Code
    op: int
    users: tuple[str, ...]


class PublicAttributes:
    """Finds attributes that have no type of their own and take none from what they are given."""

    def __init__(self, inference: Inference, fallback: Fallback, public: Public) -> None:
        self._inference = inference
        self._fallback = fallback
        self._public = public

    def untyped(self) -> Iterator[Untyped]:
        """Those that another package reads, in the order of the program."""
        candidates = dict(self._candidates())
        users = self._users(set(candidates))
        for (cls, name), (code, op) in candidates.items():
            if (cls, name) in users:
                yield Untyped(cls, name, code, op, tuple(sorted(users[cls, name])))

    def _candidates(self) -> Iterator[tuple[tuple[Code, str], tuple[Code, int]]]:
        """The attributes that are only ever given nothing, empty containers, or parameters without a type."""
        classes = self._inference.classes
        for cls in self._inference.program.classes:
            if is_application(cls.module) and not cls.scope.name.startswith("_"):
                for name, stores in classes.stores(cls).items():
                    if name.startswith("_") or self._is_declared(cls, name):
                        continue
                    if not any(annotation for _, _, annotation in stores) and all(
                        _tells_nothing(code, value) for code, value, _ in stores
                    ):
                        code, value, _ = stores[0]
                        yield (cls, name), (code, _assignment(code, name, value))

    def _is_declared(self, cls: Code, name: str) -> bool:
        """Whether a class, or one that it derives from, says in its body what an attribute is."""
        order = self._inference.classes.order(cls)
        return any(
            isinstance(entry, str) or name in entry.scope.bindings for entry in order if entry != "object"
        ) or any(name in self._inference.classes.stores(entry) for entry in order[1:] if not isinstance(entry, str))

    def _users(self, wanted: set[tuple[Code, str]]) -> dict[tuple[Code, str], set[str]]:
        names = {name for _, name in wanted}
        found: dict[tuple[Code, str], set[str]] = {}
        for code in self._inference.program.codes() if wanted else ():
            if not is_application(code.module):
                continue
            package = self._public.package(code.module)
            for op in code.scope.ops:
                if isinstance(op, ir.Attribute) and op.name in names:
                    for value in self._fallback.settled(code, op.value):
                        cls = class_of(value)
                        if cls is not None and (cls, op.name) in wanted and self._public.package(cls.module) != package:
                            found.setdefault((cls, op.name), set()).add(package or code.module.name)
        return found


def _tells_nothing(code: Code, index: int) -> bool:
    """Whether a checker learns no type from a value."""
    op = code.scope.ops[index]
    if isinstance(op, ir.Constant):
        return op.kind == "none"
    if isinstance(op, (ir.Display, ir.Mapping)):
        return not (op.items if isinstance(op, ir.Display) else op.keys)
    if isinstance(op, ir.Name) and op.id not in code.scope.bindings:
        return any(each.name == op.id and not each.annotation and not each.default for each in code.scope.parameters)
    return False


def _assignment(code: Code, name: str, value: int) -> int:
    """The operation that stands for giving an attribute a value, where there is one."""
    ops = code.scope.ops
    return next((i for i, op in enumerate(ops) if isinstance(op, ir.Operation) and op.method == f"{name}="), value)
