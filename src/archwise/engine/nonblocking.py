"""Calls that would wait, were their socket or pipe not told to refuse instead."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from archwise.engine import ir
from archwise.engine.handling import names_caught, names_of
from archwise.engine.names import chain_of
from archwise.engine.values import External, ExternalInstance, FunctionValue, Method

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archwise.engine.inference import Inference
    from archwise.engine.program import Code, Module

    Telling = tuple[Code, int]
    """Where an object is told not to wait: the function that tells it, and the call or assignment there."""

_REFUSALS = frozenset({"BlockingIOError", "SSLWantReadError", "SSLWantWriteError"})
"""What is raised in place of waiting: who catches it has told the object not to wait."""
_ASKED = {
    **dict.fromkeys(("recv", "recv_bytes", "recv_multipart", "recv_json", "recv_pyobj", "recv_string"), ("poll",)),
    "get": ("empty", "qsize"),
    "result": ("done",),
    "exception": ("done",),
}
"""What gives the next message of a pipe or a queue, or what work came to, and what says before whether it is there."""
_DEEPEST = 3
_TELLING = {"setblocking": ("False", "0"), "settimeout": ("0", "0.0")}
_VIEWS = frozenset({"makefile", "dup"})
"""What gives the same socket once more."""
_LIMITS = frozenset({"timeout", "write_timeout"})
"""The attributes that tell a serial port not to wait: https://pyserial.readthedocs.io/en/latest/pyserial_api.html"""
_ENDING = ("set_result", "set_exception")
_READY = frozenset({"wait_readable", "wait_writable", "wait_socket_readable", "wait_socket_writable"})
"""What a coroutine awaits until a pipe or a socket is ready: https://anyio.readthedocs.io/en/stable/api.html"""


def expects_refusal(code: Code, index: int) -> bool:
    """Whether an operation stands where what non-blocking objects raise is caught: a ``try``, a ``with`` for that."""
    if not _REFUSALS.isdisjoint(names_caught(code, index)):
        return True
    return any(
        at < index < op.until and (_suppressed(code, op.value) or _tries(code, op.value))
        for at, op in code.operations(ir.Enter)
    )


def is_asked_first(code: Code, index: int) -> bool:
    """Whether the same function asks an object before whether it holds anything: ``while not pipe.poll(): …``.

    Or it has waited for the object's work as a coroutine does: ``await wait(job)``, ``async for step in job``.
    """
    ops = code.scope.ops
    op = ops[index]
    function = ops[op.function] if isinstance(op, ir.Call) else None
    holder = ir.path(ops, function.value) if isinstance(function, ir.Attribute) else ""
    asking = _ASKED.get(function.name, ()) if isinstance(function, ir.Attribute) and holder else ()
    if not asking:
        return False
    if "done" in asking and (_was_awaited(code, holder, index) or _is_over(code, holder, index)):
        return True
    asked = {f"{each}.{name}" for name in asking for each in (holder, *_pollers(code, holder, name))}
    return any(at < index and ir.path(ops, call.function) in asked for at, call in code.operations(ir.Call))


def is_awaited_ready(code: Code, index: int) -> bool:
    """Whether a function has awaited that what it reads or writes is ready: ``await wait_readable(pipe)``."""
    ops = code.scope.ops
    op = ops[index]
    if not isinstance(op, ir.Call):
        return False
    function = ops[op.function]
    holder = ir.path(ops, function.value) if isinstance(function, ir.Attribute) else ""
    used = {holder, *(ir.path(ops, argument) for argument in op.arguments[:1])} - {""}
    given = (ops[awaited.value] for at, awaited in code.operations(ir.Await) if at < index)
    return any(
        isinstance(call, ir.Call)
        and ir.identifier(ops[call.function]) in _READY
        and any(ir.path(ops, argument) in used for argument in call.arguments)
        for call in given
    )


def _pollers(code: Code, path: str, asking: str) -> Iterator[str]:
    """What the same class or module registers an object with, to be told of it: ``poller.register(socket)``."""
    for teller, index in code.module.calls("register") if asking == "poll" else ():
        ops = teller.scope.ops
        call = ops[index]
        function = ops[call.function] if isinstance(call, ir.Call) else None
        if (
            isinstance(call, ir.Call)
            and isinstance(function, ir.Attribute)
            and teller.owner is code.owner
            and any(ir.path(ops, argument) == path for argument in call.arguments[:1])
        ):
            yield ir.path(ops, function.value)


def _is_over(code: Code, path: str, index: int) -> bool:
    """Whether a future has been given what it came to on the way, or is what a callback is called with when it has."""
    ops = code.scope.ops
    block: int = getattr(ops[index], "block", 0)
    own = code.scope.parameters[code.owner is not None :][:1]
    if any(parameter.name == path for parameter in own) and path not in code.scope.bindings and _is_callback(code):
        return True
    ended = {f"{path}.{name}" for name in _ENDING}
    return any(
        at < index and ir.path(ops, call.function) in ended and code.is_within(block, call.block)
        for at, call in code.operations(ir.Call)
    )


def _is_callback(code: Code) -> bool:
    """Whether a function is what its module calls back with futures that are done, and nothing else is seen to be."""
    given = [
        (teller.scope.ops, call.arguments[0])
        for teller, index in code.module.calls("add_done_callback")
        if isinstance(call := teller.scope.ops[index], ir.Call) and call.arguments
    ]
    return any(
        (isinstance(op := ops[index], ir.Define) and code.module.codes[op.scope] is code)
        or ir.identifier(op) == code.scope.name
        for ops, index in given
    )


def _was_awaited(code: Code, path: str, index: int) -> bool:
    """Whether a function has awaited a call that it gave an object, or what the object gives step by step."""
    ops = code.scope.ops
    if any(op.is_async and at < index and ir.path(ops, op.value) == path for at, op in code.operations(ir.Element)):
        return True
    given = (ops[op.value] for at, op in code.operations(ir.Await) if at < index)
    return any(
        isinstance(call, ir.Call) and any(ir.path(ops, argument) == path for argument in call.arguments)
        for call in given
    )


def is_told(inference: Inference, code: Code, index: int, depth: int = 0, *, ever: bool = False) -> bool:
    """Whether the function, one that makes the object for it, or the class for an attribute of ``self``, tells the
    object never to wait; of an object that the function has made itself, before it uses it, or ``ever``.
    """
    op = code.scope.ops[index]
    if isinstance(op, ir.Name):
        made = bound_to(code, op, index)
        told = _told(code.module).get((code, op.id), ())
        if _tells(inference, code, told, 0 if ever else made, index):
            return True
        return bool(made) and depth < _DEEPEST and is_told(inference, code, made, depth + 1, ever=ever)
    if isinstance(op, ir.Call):
        inner = returned(inference, code, op)
        return inner is not None and depth < _DEEPEST and is_told(inference, *inner, depth + 1, ever=ever)
    if isinstance(op, ir.Attribute) and code.owner is not None and inference.classes.is_receiver(code, op.value):
        owners = (owner for owner in inference.classes.order(code.owner) if not isinstance(owner, str))
        told = tuple(each for owner in owners for each in _told(owner.module).get((owner, f"self.{op.name}"), ()))
        return _tells(inference, code, told, 0 if ever else _stored(code, op, index), index)
    return False


def is_view_of_told(inference: Inference, code: Code, call: ir.Call) -> bool:
    """Whether a call gives another view of an object that is told never to wait: ``connection.makefile()``."""
    function = code.scope.ops[call.function]
    if not isinstance(function, ir.Attribute) or function.name not in _VIEWS:
        return False
    return is_told(inference, code, function.value, ever=True)


def _tells(inference: Inference, code: Code, told: tuple[Telling, ...], made: int, index: int) -> bool:
    """Whether an object may have been told when an operation uses it: what has just been made, only since then."""
    if not made or not _is_new(inference, code, made):
        return bool(told)
    return any(
        teller is not code or made < at < index or (at > index and _is_round(code, made, at, index))
        for teller, at in told
    )


def _is_new(inference: Inference, code: Code, index: int) -> bool:
    """Whether an operation makes an object that nothing else holds: ``with socket.socket() as …``."""
    op = code.scope.ops[index]
    if isinstance(op, ir.Enter):
        return _is_new(inference, code, op.value)
    called = inference.values(code, op.function) if isinstance(op, ir.Call) else ()
    made = {value.name for value in inference.values(code, index) if isinstance(value, ExternalInstance)}
    return bool(called) and all(isinstance(value, External) and value.name in made for value in called)


def _is_round(code: Code, made: int, *used: int) -> bool:
    """Whether operations stand in one loop that does not make the object anew, so that the later may run first."""
    loops = [_loops(code, index) for index in used]
    return bool(set.intersection(*loops) - _loops(code, made))


def _loops(code: Code, index: int) -> set[int]:
    return {each for each in chain_of(code.scope, code.block_of(index)) if code.scope.blocks[each].kind == "loop"}


def _stored(code: Code, attribute: ir.Attribute, index: int) -> int:
    """What an attribute of ``self`` was last given on the way to where it is read, in the same function; 0 for none."""
    ops = code.scope.ops
    holder = ir.path(ops, attribute.value)
    on_the_way = [
        store.value
        for store in code.scope.stores
        if store.name == attribute.name
        and not store.item
        and store.value < index
        and ir.path(ops, store.target) == holder
        and code.is_within(attribute.block, store.block)
    ]
    return max(on_the_way, default=0)


def bound_to(code: Code, name: ir.Name, index: int) -> int:
    """The operation whose value a name has where it is read: what binds it last on the way, or alone; 0 for none."""
    bindings = [each for each in code.scope.bindings.get(name.id, ()) if not ir.is_none(code.scope.ops[each.value])]
    before = [each for each in bindings if each.order <= index]
    if before and code.is_within(name.block, before[-1].block):
        return before[-1].value
    return bindings[0].value if len(bindings) == 1 else 0


def returned(inference: Inference, code: Code, call: ir.Call) -> tuple[Code, int] | None:
    """The one operation whose value a called function of the program returns."""
    called = inference.values(code, call.function)
    function = called[0] if len(called) == 1 else None
    if not isinstance(function, (FunctionValue, Method)) or function.code.scope.is_async:
        return None
    results = function.code.scope.results
    return (function.code, results[0]) if len(results) == 1 and not function.code.scope.is_generator else None


@functools.lru_cache(maxsize=32)
def _told(module: Module) -> dict[tuple[Code, str], tuple[Telling, ...]]:
    """What is told not to wait in a module, as it is written, by the function that tells it and by its class."""
    found: dict[tuple[Code, str], tuple[Telling, ...]] = {}
    for teller, path, index in _tellings(module):
        for place in (teller, teller.owner):
            if place is not None:
                found[place, path] = (*found.get((place, path), ()), (teller, index))
    return found


def _tellings(module: Module) -> Iterator[tuple[Code, str, int]]:
    for name, refusals in _TELLING.items():
        for teller, index in module.calls(name):
            ops = teller.scope.ops
            call = ops[index]
            if isinstance(call, ir.Call) and len(call.arguments) == 1:
                function, given = ops[call.function], ops[call.arguments[0]]
                if isinstance(function, ir.Attribute) and isinstance(given, ir.Constant) and given.text in refusals:
                    yield teller, ir.path(ops, function.value), index
    for teller in module.codes:
        for store in teller.scope.stores:
            limit = teller.scope.ops[store.value]
            if store.item or store.name not in _LIMITS or not isinstance(limit, ir.Constant):
                continue
            if limit.text in _TELLING["settimeout"]:
                yield teller, ir.path(teller.scope.ops, store.target), store.value


def _tries(code: Code, index: int) -> bool:
    """Whether a context manager is of a class of the same module that names such a refusal itself."""
    op = code.scope.ops[index]
    made = ir.identifier(code.scope.ops[op.function]) if isinstance(op, ir.Call) else ""
    return bool(made) and any(
        each.owner is not None
        and each.owner.scope.name == made
        and not _REFUSALS.isdisjoint(name.id for _, name in each.operations(ir.Name))
        for each in code.module.codes
    )


def _suppressed(code: Code, index: int) -> bool:
    op = code.scope.ops[index]
    if not isinstance(op, ir.Call) or ir.identifier(code.scope.ops[op.function]) != "suppress":
        return False
    return any(not _REFUSALS.isdisjoint(names_of(code, argument)) for argument in op.arguments)
