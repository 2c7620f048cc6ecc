"""How often and when an operation or a function runs: under a condition, a first time only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.engine import ir
from archwise.engine.values import ClassValue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archwise.engine.classes import Classes
    from archwise.engine.inference import Inference
    from archwise.engine.program import Code

_CONDITIONAL = frozenset({"if", "case", "except", "rest"})


def is_guarded(code: Code, index: int) -> bool:
    """Whether an operation stands under a condition."""
    block = code.block_of(index)
    return any(map(_is_condition, code.around(block)))


def conditions_of(code: Code, index: int) -> int:
    """How many conditions an operation stands under, each early ``return`` above it among them."""
    block = code.block_of(index)
    return sum(map(_is_condition, code.around(block)))


def _is_condition(block: ir.Block) -> bool:
    """Whether a block may be passed over; after a ``return`` for what a function says of a value it mostly is not."""
    is_asked = block.kind == "rest" and bool(block.tests) and all(test.kind in ir.ASKED for test in block.tests)
    return block.kind in _CONDITIONAL and not is_asked


def is_repeated(code: Code, index: int) -> bool:
    """Whether an operation stands in a loop, so that it may run again after what is written behind it."""
    block = code.block_of(index)
    return any(each.kind == "loop" for each in code.around(block))


def is_once(inference: Inference, code: Code, index: int) -> bool:
    """Whether an operation runs a first time only."""
    return _is_guarded_once(code, index) or _fills(inference.classes, code, index)


def _is_guarded_once(code: Code, index: int) -> bool:
    return any(block.once for block in code.around(code.block_of(index)))


def _fills(classes: Classes, code: Code, index: int) -> bool:
    """Whether an operation calls a method that gives its object the very attribute whose lack let it run."""
    method = _own_method(classes, code, index)
    return bool(method) and any(_gives(classes, code, method, name) for name in _missing(code, index))


def _refills(classes: Classes, code: Code, index: int) -> bool:
    """Whether an operation calls a method that makes its object's container anew, where that lacked what was asked."""
    method = _own_method(classes, code, index)
    for at, op in code.operations(ir.Operation) if method else ():
        root, _, name = ir.path(code.scope.ops, op.value).partition(".")
        looks_in = at < index and op.method == "__contains__" and root == code.scope.parameters[0].name
        if looks_in and _gives(classes, code, method, name):
            return True
    return False


def _own_method(classes: Classes, code: Code, index: int) -> str:
    """The name of the method of its own object that an operation of a method calls; empty where it calls none."""
    op = code.scope.ops[index]
    function = code.scope.ops[op.function] if isinstance(op, ir.Call) else None
    if code.owner is None or not isinstance(function, ir.Attribute) or not classes.is_receiver(code, function.value):
        return ""
    return function.name


def _gives(classes: Classes, code: Code, method: str, name: str) -> bool:
    """Whether a method of a method's class gives their object an attribute of this name."""
    for cls in classes.order(code.owner) if code.owner is not None else ():
        for place, value, _ in () if isinstance(cls, str) else classes.stores(cls).get(name, ()):
            given = place.scope.ops[value]
            is_cleared = isinstance(given, ir.Constant) and given.text in ("None", "False")
            if place.scope.name == method and not is_cleared:
                return True
    return False


def _missing(code: Code, index: int) -> Iterator[str]:
    """The attributes of an object that an operation of its method runs without."""
    for test in code.conditions(code.block_of(index)):
        root, _, name = test.path.partition(".")
        if test.kind in ("none", "false") and root == code.scope.parameters[0].name and name and "." not in name:
            yield name


def is_cached(inference: Inference, code: Code, caller: Code) -> bool:
    """Whether a function runs a first time only: its result is kept, and neither it nor who calls it takes anything
    that could vary; or it makes the only object of its class."""
    if not is_kept(inference, code):
        return code.scope.name == "__init__" and code.owner is not None and _has_one_object(inference, code.owner)
    own = code.scope.parameters[1:] if code.owner is not None else code.scope.parameters
    return not own or (
        caller.scope.kind == "function" and not caller.scope.parameters and caller.parent is caller.module.code
    )


def is_kept(inference: Inference, code: Code) -> bool:
    """Whether a function's results are kept, each for what it was made from."""
    return "cache" in inference.decorators.kinds(code)


def is_once_a_key(inference: Inference, code: Code, index: int) -> bool:
    """Whether an operation runs once for each thing that its function is asked for: what came of it is kept."""
    kept = is_kept(inference, code) or any(lookup < index for lookup in lookups(code))
    return kept or _refills(inference.classes, code, index)


def lookups(code: Code) -> Iterator[int]:
    """Where a function looks in a container that outlives it before it fills that: ``if key in cache``."""
    ops = code.scope.ops
    for store in code.scope.stores:
        path = ir.path(ops, store.target) if store.item else ""
        if path and ("." in path or path not in code.scope.bindings):
            for index, call in code.operations(ir.Call):
                if index < store.value and ir.path(ops, call.function) == f"{path}.get":
                    yield index
            for index, op in code.operations(ir.Operation):
                if index < store.value and op.method == "__contains__" and ir.path(ops, op.value) == path:
                    yield index


def _has_one_object(inference: Inference, cls: Code) -> bool:
    """Whether the metaclass of a class makes one object of each class, which it keeps by the class or in it."""
    for entry in inference.classes.order(cls):
        made_by = 0 if isinstance(entry, str) else dict(entry.scope.keywords).get("metaclass", 0)
        parent = None if isinstance(entry, str) else entry.parent
        for value in inference.values(parent, made_by) if made_by and parent is not None else ():
            called = inference.classes.defining(value.code, "__call__") if isinstance(value, ClassValue) else None
            if called is not None and any(_keeps_by_class(method) for method in inference.classes.methods(called)):
                return True
    return False


def _keeps_by_class(method: Code) -> bool:
    """Whether the ``__call__`` of a metaclass gives what it keeps under the class that it is called on, alone.

    Or what it has put into that class where that held none: ``if cls._one is None: cls._one = …``.
    """
    ops = method.scope.ops
    parameters = method.scope.parameters
    if method.scope.name != "__call__" or not parameters:
        return False
    own = parameters[0].name
    return any(ir.path(ops, item.key) == own for _, item in method.operations(ir.Item)) or any(
        ir.path(ops, store.target) == own
        and any(
            test.kind in ("none", "false") and test.path == f"{own}.{store.name}"
            for test in method.conditions(store.block)
        )
        for store in method.scope.stores
        if not store.item
    )
