"""Requests to other hosts: which functions send one, to which URL, and by which way."""

from __future__ import annotations

import functools
import ipaddress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec

from archwise.engine import ir
from archwise.engine.frequency import is_guarded
from archwise.engine.known_as import known_as
from archwise.engine.values import External, ExternalMethod, FunctionValue, Method, Symbolic
from archwise.engine.values import Literal as LiteralValue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archwise.engine.inference import Inference
    from archwise.engine.origins import Origin, Origins
    from archwise.engine.program import Code
    from archwise.knowledge.schema import Request

_FARTHEST = 5
_OPEN = "{}"
"""Stands in a URL for a part that is not known."""
_SCHEMES = frozenset({"http", "https", "ws", "wss"})
_NOWHERE = frozenset({"test", "example", "invalid", "localhost", "local", "internal", "lan", "home", "svc"})
"""Top-level names that lead nowhere outside: RFC 2606, RFC 6762, and what private networks use."""
_ANSWERING = frozenset({"example.com", "example.net", "example.org"})
"""Names for examples (RFC 2606) at which a page is served: what lies below them does not resolve."""
_EXPECTS_FAILURE = frozenset({"raises", "assertRaises", "assertRaisesRegex", "warns", "suppress"})
_RUNS_COROUTINES = frozenset({"run", "run_until_complete", "wait_for", "gather", "create_task", "ensure_future"})


class Sent(msgspec.Struct, frozen=True, gc=False):
    """A request that a function sends: the calls that lead to it, and its URL as far as it is known.

    ``given`` is the function's parameter that the URL starts with, where its callers give it.
    """

    hops: tuple[tuple[Code, int], ...]
    url: str = ""
    given: str = ""

    @property
    def host(self) -> str:
        """The host outside that it goes to; empty where that is not known, or where it is none."""
        return outside(self.url)


class Outgoing:
    """Follows functions to the requests that they send whatever they are given: nothing under a condition counts."""

    def __init__(self, inference: Inference, origins: Origins) -> None:
        self._inference = inference
        self._origins = origins
        self._found: dict[Code, tuple[Sent, ...]] = {}

    def of(self, code: Code) -> tuple[Sent, ...]:
        """The requests of a function, those whose URL its parameters say among them."""
        return self._of(code, _FARTHEST) if code in self._leading else ()

    def _of(self, code: Code, depth: int) -> tuple[Sent, ...]:
        found = self._found.get(code)
        if found is None:
            self._found[code] = ()
            found = self._found[code] = (*self._direct.get(code, ()), *self._through(code, depth))
        return found

    # -- the calls that send

    @functools.cached_property
    def _direct(self) -> dict[Code, list[Sent]]:
        facts = self._inference.facts.requests
        roots = {name.partition(".")[0] for name in facts}
        found: dict[Code, list[Sent]] = {}
        for code, index, op in self._inference.program.calls(*sorted({name.rpartition(".")[2] for name in facts})):
            if roots.isdisjoint(code.module.summary.imports) or not _is_certain(code, index):
                continue
            fact = self._fact(code, op)
            sent = self._sent(code, index, op, fact) if fact is not None else None
            if sent is not None:
                found.setdefault(code, []).append(sent)
        return found

    def _fact(self, code: Code, op: ir.Call) -> Request | None:
        """What knowledge says of a call; None where it may be something else as well."""
        values = self._inference.values(code, op.function)
        if len(values) != 1 or not isinstance(values[0], (External, ExternalMethod)):
            return None
        facts = self._inference.facts.requests
        return next((facts[name] for name in known_as(self._inference, values[0]) if name in facts), None)

    def _sent(self, code: Code, index: int, op: ir.Call, fact: Request) -> Sent | None:
        given = op.argument("url", fact.url)
        head = self._head(code, given) if given else _OPEN
        function = code.scope.ops[op.function]
        if (fact.base or fact.inside) and isinstance(function, ir.Attribute) and self._is_object(code, op):
            made = self._made(code, function.value)
            if made is None:
                return None
            place, call = made
            keywords = dict(call.keywords)
            if call.starred or not keywords.keys().isdisjoint(fact.inside):
                return None
            if fact.base in keywords:
                head = self._head(place, keywords[fact.base])
        if isinstance(head, Symbolic):
            return Sent(((code, index),), given=head.name) if head.code is code else None
        return Sent(((code, index),), head) if outside(head) else None

    def _is_object(self, code: Code, op: ir.Call) -> bool:
        return any(isinstance(value, ExternalMethod) for value in self._inference.values(code, op.function))

    def _made(self, code: Code, index: int) -> tuple[Code, ir.Call] | None:
        """The call that made a client; None where it is not seen."""
        origin = self._origins.of(code, index)
        if origin is None:
            return None
        place, found = origin
        op = place.scope.ops[found]
        if isinstance(op, ir.Enter):
            return self._made(place, op.value)
        return (place, op) if isinstance(op, ir.Call) else None

    # -- the ways there

    @functools.cached_property
    def _leading(self) -> dict[Code, None]:
        """The functions that may, by the names of what they call, lead to a request."""
        found: dict[Code, None] = dict.fromkeys(self._direct)
        pending = [(code, 0) for code in found]
        seen: set[str] = set()
        while pending:
            code, depth = pending.pop(0)
            if depth >= _FARTHEST or code.scope.name in seen:
                continue
            seen.add(code.scope.name)
            for caller, _ in self._inference.program.called.get(code.scope.name, ()):
                if caller not in found:
                    found[caller] = None
                    pending.append((caller, depth + 1))
        return found

    @functools.cached_property
    def _names_leading(self) -> frozenset[str]:
        return frozenset(code.scope.name for code in self._leading)

    def _through(self, code: Code, depth: int) -> Iterator[Sent]:
        if depth == 0:
            return
        run = _run(code)
        for index, op in code.operations(ir.Call):
            if ir.identifier(code.scope.ops[op.function]) not in self._names_leading or not _is_certain(code, index):
                continue
            values = self._inference.values(code, op.function)
            if len(values) != 1 or not isinstance(values[0], (FunctionValue, Method)):
                continue
            target = values[0].code
            if "opaque" in self._inference.decorators.kinds(target):
                continue  # whether it runs is for its decorator to say
            if target is code or target.scope.is_generator or (target.scope.is_async and index not in run):
                continue
            for sent in self._of(target, depth - 1):
                reached = self._reached(code, index, op, target, sent, isinstance(values[0], Method))
                if reached is not None:
                    yield reached

    def _reached(self, code: Code, index: int, op: ir.Call, target: Code, sent: Sent, bound: bool) -> Sent | None:
        hops = ((code, index), *sent.hops)
        if not sent.given:
            return Sent(hops, sent.url)
        place, given = self._argument(code, op, target, sent.given, bound)
        head = self._head(place, given) if given else _OPEN
        if isinstance(head, Symbolic):
            return Sent(hops, given=head.name) if head.code is code else None
        return Sent(hops, head) if outside(head) else None

    def _argument(self, code: Code, op: ir.Call, target: Code, name: str, bound: bool) -> Origin:
        """What a call gives for a parameter, or else its default."""
        for position, parameter in enumerate(target.scope.parameters):
            if parameter.name != name:
                continue
            position -= bound
            given = op.argument(name, position) if parameter.kind == "positional" else op.argument(name)
            if given or op.starred or target.parent is None:
                return code, given
            return target.parent, parameter.default
        return code, 0

    # -- texts

    def _head(self, code: Code, index: int, depth: int = _FARTHEST) -> str | Symbolic:
        """What a text starts with: up to and with the first part that is not known, or the parameter it starts with."""
        op = code.scope.ops[index]
        if depth == 0:
            return _OPEN
        if isinstance(op, ir.Formatted):
            return self._joined(code, op.parts, depth)
        if isinstance(op, ir.Operation) and op.method == "__add__":
            return self._joined(code, (op.value, op.operand), depth)
        if isinstance(op, ir.Operation) and op.method == "__mod__":
            return self._head(code, op.value, depth - 1)
        if isinstance(op, ir.Call):
            function = code.scope.ops[op.function]
            name = ir.identifier(function)
            if name == "format" and isinstance(function, ir.Attribute):
                return self._head(code, function.value, depth - 1)
            if name in ("urljoin", "str", "URL") and op.arguments:
                return self._head(code, op.arguments[0], depth - 1)
            return _OPEN
        if isinstance(op, ir.Name) and _is_parameter(code, op.id):
            return Symbolic(code, op.id)
        values = self._inference.values(code, index)
        if len(values) != 1:
            return _OPEN
        value = values[0]
        if isinstance(value, LiteralValue) and value.kind == "str" and value.text:
            return value.text
        origin = self._origins.of(code, index) if isinstance(op, (ir.Name, ir.Attribute)) else None
        return self._head(*origin, depth - 1) if origin is not None and origin != (code, index) else _OPEN

    def _joined(self, code: Code, parts: tuple[int, ...], depth: int) -> str | Symbolic:
        text = ""
        for part in parts:
            head = self._head(code, part, depth - 1)
            if isinstance(head, Symbolic):
                return text + _OPEN if text else head
            text += head
            if _OPEN in text:
                break
        return text


def outside(url: str) -> str:
    """The host of a URL that lies outside this machine and its network; empty where it is none, or not known."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return ""
    if parts.scheme not in _SCHEMES or not host or set("{}%<>* ") & set(parts.netloc):
        return ""
    try:
        return host if ipaddress.ip_address(host).is_global else ""
    except ValueError:
        *rest, top = host.split(".")
        is_made_up = "example" in rest and host.removeprefix("www.") not in _ANSWERING
        return host if rest and all(rest) and top.isalpha() and top not in _NOWHERE and not is_made_up else ""


def _is_parameter(code: Code, name: str) -> bool:
    """Whether a name is a parameter that a function leaves as it was given."""
    return name not in code.scope.bindings and any(parameter.name == name for parameter in code.scope.parameters)


def _is_certain(code: Code, index: int) -> bool:
    """Whether an operation runs whenever its function does, and is not there to fail."""
    if is_guarded(code, index):
        return False
    return not any(
        entered < index < enter.until
        and isinstance(manager := code.scope.ops[enter.value], ir.Call)
        and ir.identifier(code.scope.ops[manager.function]) in _EXPECTS_FAILURE
        for entered, enter in code.operations(ir.Enter)
    )


def _run(code: Code) -> set[int]:
    """The calls whose coroutine is awaited, or given to what runs it."""
    found = {op.value for _, op in code.operations(ir.Await)}
    for _, op in code.operations(ir.Call):
        if ir.identifier(code.scope.ops[op.function]) in _RUNS_COROUTINES:
            found.update(op.arguments)
    return found
