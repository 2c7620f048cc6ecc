"""What clients get to see: the values that leave in responses, and the texts of exceptions among them."""

from __future__ import annotations

import functools
import itertools
from typing import TYPE_CHECKING

import msgspec

from archwise.engine import ir
from archwise.engine.contexts import is_test
from archwise.engine.known_as import known_as
from archwise.engine.texts import Text, Texts
from archwise.engine.values import ClassValue, FunctionValue, Method, Super

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from archwise.engine.endpoints import Endpoint
    from archwise.engine.inference import Inference
    from archwise.engine.program import Code
    from archwise.engine.root import Root
    from archwise.engine.roots import Roots
    from archwise.knowledge.schema import Response

_FARTHEST = 4
_MOST_CALLERS = 40
_EXCEPTIONS = frozenset({"e", "ex", "exc", "err", "error", "exception"})


class Sent(msgspec.Struct, frozen=True, gc=False):
    """A place where values leave for a client: a call, or (``by`` is empty) what an endpoint returns.

    ``framework`` is the one of that endpoint.
    """

    code: Code
    op: int
    content: tuple[int, ...]
    by: str
    framework: str = ""


class Exposure(msgspec.Struct, frozen=True, gc=False):
    """An exception's text that reaches a client: where it is taken, the calls it passes, and where it leaves."""

    text: Text
    calls: tuple[tuple[Code, int], ...]
    sent: Sent


class Responses:
    """Finds responses and what of exceptions is in them."""

    def __init__(self, inference: Inference, roots: Roots, endpoints: Iterable[Endpoint]) -> None:
        self._inference = inference
        self._roots = roots
        self._endpoints = endpoints
        self._texts = Texts(inference, self.answers)
        self._names = {name.rpartition(".")[2] for name in inference.facts.responses}

    def answers(self, code: Code, op: ir.Call) -> bool:
        """Whether a call makes a response, or an exception that becomes one."""
        return self._response(code, op) is not None

    @functools.cached_property
    def sent(self) -> tuple[Sent, ...]:
        """Every place of the program, tests apart, where something leaves for a client."""
        return tuple(self._find_sent())

    def _find_sent(self) -> Iterator[Sent]:
        yield from self._made()
        yield from self._constructors()
        seen: set[Code] = set()
        for endpoint in self._endpoints:
            if endpoint.code not in seen and not is_test(endpoint.code):
                seen.add(endpoint.code)
                yield from self._returned(endpoint)

    def exposures(self) -> Iterator[Exposure]:
        """Every text of an exception that leaves, once for each place where it is taken."""
        seen: set[tuple[Code, int, str]] = set()
        for sent in self.sent:
            for index in sent.content:
                for text, calls in self._reaching(sent.code, index, bool(sent.by), (), set()):
                    if text.code is sent.code and not hasattr(text.code.scope.ops[text.op], "line"):
                        text = msgspec.structs.replace(text, op=sent.op)
                    key = text.code, text.op, text.kind
                    if key not in seen and not is_test(text.code) and not _is_result(text, sent):
                        seen.add(key)
                        yield Exposure(text, calls, sent)

    # -- where values leave

    def _response(self, code: Code, op: ir.Call) -> tuple[str, Response] | None:
        responses = self._inference.facts.responses
        if not responses:
            return None
        for value in self._inference.values(code, op.function):
            for name in known_as(self._inference, value):
                if name in responses:
                    own = isinstance(value, ClassValue) and self._inference.classes.defining(value.code, "__init__")
                    return None if own else (name, responses[name])
        return None

    def _made(self) -> Iterator[Sent]:
        names = sorted(self._names | {cls.scope.name for cls in self._derived()})
        for code, index, op in self._inference.program.calls(*names):
            found = self._response(code, op) if not is_test(code) else None
            if found is not None:
                yield Sent(code, index, tuple(_content(op, found[1])), found[0])

    def _derived(self) -> Iterator[Code]:
        responses = self._inference.facts.responses
        for cls in self._inference.program.classes if responses else ():
            if any(base in responses for base in self._inference.classes.external_bases(cls)):
                yield cls

    def _constructors(self) -> Iterator[Sent]:
        """What constructors of a project's own responses and exceptions hand to the framework's."""
        responses = self._inference.facts.responses
        for cls in self._derived():
            base = next(name for name in self._inference.classes.external_bases(cls) if name in responses)
            for method in self._inference.classes.methods(cls):
                if method.scope.name != "__init__" or is_test(method):
                    continue
                for index, op in enumerate(method.scope.ops):
                    function = method.scope.ops[op.function] if isinstance(op, ir.Call) else op
                    if not (isinstance(op, ir.Call) and ir.identifier(function) == "__init__"):
                        continue
                    owner = function.value if isinstance(function, ir.Attribute) else 0
                    if any(isinstance(value, Super) for value in self._inference.values(method, owner)):
                        yield Sent(method, index, tuple(_content(op, responses[base])), base)

    def _returned(self, endpoint: Endpoint) -> Iterator[Sent]:
        for index, op in enumerate(endpoint.code.scope.ops):
            if isinstance(op, ir.Return) and op.value:
                yield Sent(endpoint.code, index, (op.value,), "", endpoint.framework)

    # -- what is in them

    def _reaching(
        self, code: Code, index: int, textual: bool, calls: tuple[tuple[Code, int], ...], seen: set[tuple[Code, str]]
    ) -> Iterator[tuple[Text, tuple[tuple[Code, int], ...]]]:
        """The texts in a value, those that callers pass down to it among them, with the calls that pass them."""
        traced = self._texts.of(code, index, textual)
        for text in traced.texts.values():
            yield text, calls
        for name, shown in traced.parameters.items():
            handled = self._handled(code, name)
            if handled is not None and shown:
                yield Text(code, index, "text", *handled), calls
            elif len(calls) < _FARTHEST and (code, name) not in seen:
                seen.add((code, name))
                for caller, call, given in self._givers(code, name):
                    if all(caller is not other for other, _ in calls):
                        for text, above in self._reaching(caller, given, shown, ((caller, call), *calls), seen):
                            at = text if text.code is not caller else msgspec.structs.replace(text, op=call)
                            yield at, above

    def _givers(self, code: Code, name: str) -> Iterator[tuple[Code, int, int]]:
        """The calls that give a parameter something: the function, the call, and the operation given."""
        owner = code.owner
        built = code.scope.name == "__init__" and owner is not None
        names = [code.scope.name]
        if built and owner is not None:
            names = [cls.scope.name for cls in (owner, *self._inference.classes.descendants(owner))]
        for caller, index, op in itertools.islice(self._inference.program.calls(*names), _MOST_CALLERS):
            if is_test(caller):
                continue
            for value in self._inference.values(caller, op.function):
                if isinstance(value, ClassValue) and built:
                    fits = self._inference.classes.defining(value.code, "__init__") is owner
                else:
                    fits = isinstance(value, (FunctionValue, Method)) and value.code is code
                given = self._texts.argument(caller, op, code, name) if fits else 0
                if given:
                    yield caller, index, given

    def _handled(self, code: Code, name: str) -> tuple[str, str] | None:
        """Which exceptions a registered handler is given by this parameter, where it may be any."""
        root = self._handlers.get(code)
        if root is None or root.place is None or name not in _EXCEPTIONS:
            return None
        op = root.place.scope.ops[root.op]
        if not isinstance(op, ir.Call) or not op.arguments:
            return None
        return self._texts.broad(self._inference.values(root.place, op.arguments[0]))

    @functools.cached_property
    def _handlers(self) -> dict[Code, Root]:
        return {root.code: root for root in self._roots.registrations if root.role == "handler"}


def _is_result(text: Text, sent: Sent) -> bool:
    """Whether a helper's text is what was asked for, as a tool's output is, rather than an answer about an error."""
    return not sent.by and bool(text.hops) and not isinstance(text.code.scope.ops[text.op], ir.Mapping)


def _content(op: ir.Call, response: Response) -> Iterator[int]:
    """The arguments of a call that the client gets to see."""
    keywords = dict(op.keywords)
    for each in response.content:
        if each == "*":
            yield from op.given
        elif isinstance(each, int):
            if each < len(op.arguments):
                yield op.arguments[each]
        elif each in keywords:
            yield keywords[each]
