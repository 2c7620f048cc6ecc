"""The bodies of error responses: which members the JSON objects have that clients are told of failures with."""

from __future__ import annotations

import functools
import http
import re
from collections import Counter
from typing import TYPE_CHECKING

import msgspec

from archwise.engine import ir
from archwise.engine.layers import is_application
from archwise.engine.origins import Origins
from archwise.engine.values import ClassValue, External, Instance
from archwise.engine.values import Literal as LiteralValue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archwise.engine.endpoints import Endpoint
    from archwise.engine.inference import Inference
    from archwise.engine.models import Models
    from archwise.engine.origins import Origin
    from archwise.engine.program import Code, Module
    from archwise.engine.responses import Responses, Sent
    from archwise.engine.root import Root
    from archwise.knowledge.schema import Response

_DEEPEST = 3
_STATUS = re.compile(r"\.HTTP_([45]\d\d)(?:_|$)")
_DUMPING = frozenset({"dict", "model_dump", "json", "model_dump_json"})
_WRAPPING = frozenset({"jsonable_encoder", "asdict", "jsonify", "dumps"})
"""Calls that give as JSON what they are given."""


class Member(msgspec.Struct, frozen=True, gc=False):
    """A value in a JSON object: its ``path`` from the top, ``error.code``, and what of it is known.

    ``text`` is a text that is written out, with ``…`` for what an f-string puts in; None where it is not known.
    """

    path: str
    kind: str
    text: str | None = None


class ErrorBody(msgspec.Struct, frozen=True, gc=False):
    """The JSON object of an error response: where it is made, for which application, its status where written out."""

    code: Code
    op: int
    application: tuple[str, str, str]
    """The package of the program, the framework, and the module of an application beside the main one."""
    status: int | None
    members: tuple[Member, ...]


class ErrorBodies:
    """Finds the error responses of a program whose bodies are JSON objects that can be read off the code."""

    def __init__(
        self,
        inference: Inference,
        models: Models,
        responses: Responses,
        roots: tuple[Root, ...],
        endpoints: tuple[Endpoint, ...],
    ) -> None:
        self._inference = inference
        self._endpoints = endpoints
        self._models = models
        self._responses = responses
        self._origins = Origins(inference)
        self._handlers = {root.code: root for root in roots if root.role == "handler"}

    def find(self) -> tuple[ErrorBody, ...]:
        """The error bodies of the application's own modules, in the order of their places."""
        reshaped = set(self._reshaped())
        found: dict[tuple[Code, int], ErrorBody] = {}
        for sent in self._responses.sent:
            if is_application(sent.code.module):
                body = self._body(sent, reshaped)
                if body is not None:
                    found.setdefault((body.code, body.op), body)
        return tuple(sorted(found.values(), key=lambda body: (body.code.module.path, body.code.scope.line, body.op)))

    def _body(self, sent: Sent, reshaped: set[str]) -> ErrorBody | None:
        facts = self._inference.facts
        fact = facts.responses[sent.by] if sent.by else None
        family = facts.family((sent.by or sent.framework).partition(".")[0])
        if fact is not None and fact.raised and (not fact.wraps or family in reshaped):
            return None
        status, is_error = self._status(sent, fact)
        members = tuple(self._sent_members(sent, fact)) if is_error else ()
        if not members:
            return None
        module = sent.code.module
        package = self._inference.program.imported_as(module).partition(".")[0]
        return ErrorBody(sent.code, sent.op, (package, family, self._aside.get(module, "")), status, members)

    @functools.cached_property
    def _aside(self) -> dict[Module, str]:
        """The modules that answer for an application other than the one that has most endpoints, each with that's."""
        sizes: Counter[Origin] = Counter()
        found: dict[Module, set[Origin]] = {}
        for endpoint in self._endpoints:
            if endpoint.application is not None:
                sizes[endpoint.application] += 1
                found.setdefault(endpoint.code.module, set()).add(endpoint.application)
        main = sizes.most_common(1)[0][0] if sizes else None
        return {
            module: min(place.module.name for place, _ in applications)
            for module, applications in found.items()
            if main not in applications
        }

    # -- which responses tell of errors

    def _status(self, sent: Sent, fact: Response | None) -> tuple[int | None, bool]:
        """The status code where it is written out, and whether the response tells of an error."""
        if fact is not None and fact.answers:
            return fact.answers, fact.answers >= http.HTTPStatus.BAD_REQUEST
        op = sent.code.scope.ops[sent.op]
        given = 0
        if isinstance(op, ir.Call) and fact is not None:
            given = op.argument(*fact.status)
        given = given or self._beside(sent)
        status = self.number(sent.code, given) if given else None
        if status is not None:
            return status, status >= http.HTTPStatus.BAD_REQUEST
        raises = fact is not None and fact.raised
        return None, raises or (bool(given) and sent.code in self._handlers)

    def _beside(self, sent: Sent) -> int:
        """The status of ``return body, 404``."""
        ops = sent.code.scope.ops
        op = ops[sent.op]
        pair = ops[op.value] if isinstance(op, ir.Return) else None
        if isinstance(pair, ir.Display):
            return pair.items[1] if pair.kind == "tuple" and len(pair.items) > 1 else 0
        for other in ops[sent.op + 1 :] if isinstance(op, ir.Call) else ():
            if isinstance(other, ir.Display) and other.kind == "tuple" and other.items[:1] == (sent.op,):
                return other.items[1] if len(other.items) > 1 else 0
        return 0

    def number(self, code: Code, index: int) -> int | None:
        """The status code an expression gives: a number, ``status.HTTP_404_NOT_FOUND``, ``HTTPStatus.NOT_FOUND``."""
        for value in self._inference.values(code, index):
            if isinstance(value, LiteralValue) and value.kind == "number" and value.text.isdigit():
                return int(value.text)
            if isinstance(value, External):
                if match := _STATUS.search(value.name):
                    return int(match.group(1))
                name = value.name.removesuffix(".value").removeprefix("http.HTTPStatus.")
                if name in http.HTTPStatus.__members__:
                    return int(http.HTTPStatus[name])
        return None

    def _reshaped(self) -> Iterator[str]:
        """The frameworks whose own error responses a handler of the project makes."""
        facts = self._inference.facts
        raised = {name for name, fact in facts.responses.items() if fact.raised}
        for root in self._handlers.values():
            if root.place is None:
                continue
            op = root.place.scope.ops[root.op]
            given = op.arguments[0] if isinstance(op, ir.Call) and op.arguments else 0
            for value in self._inference.values(root.place, given):
                if isinstance(value, External) and facts.canonical(value.name) in raised:
                    yield facts.family(value.name.partition(".")[0])
        for _, _, made in self._inference.program.calls("FastAPI", "Starlette"):
            if "exception_handlers" in dict(made.keywords):
                yield facts.family("starlette")

    # -- what is in them

    def _sent_members(self, sent: Sent, fact: Response | None) -> Iterator[Member]:
        op = sent.code.scope.ops[sent.op]
        if fact is not None and fact.wraps:
            if sent.content:
                yield from self._members(sent.code, sent.content[0], fact.wraps, _DEEPEST)
        elif fact is not None and "*" in fact.content and isinstance(op, ir.Call) and op.keywords:
            yield from self._of_keywords(sent.code, op, "", _DEEPEST)
        else:
            for index in sent.content[:1]:
                pair = sent.code.scope.ops[index]
                inner = pair.items[0] if isinstance(pair, ir.Display) and pair.kind == "tuple" and pair.items else index
                yield from self._of_object(sent.code, inner, "", _DEEPEST)

    def _of_object(self, code: Code, index: int, path: str, depth: int) -> Iterator[Member]:
        """The members of an object that is written out, or made of a model; nothing of anything else."""
        place, found = self._origin(code, index)
        op = place.scope.ops[found]
        if isinstance(op, ir.Mapping):
            for key, value in zip(op.keys, op.values, strict=True):
                name = place.scope.ops[key]
                if isinstance(name, ir.Constant) and name.kind == "str":
                    yield from self._members(place, value, _below(path, name.text), depth - 1)
        elif isinstance(op, ir.Call):
            yield from self._of_call(place, op, path, depth)

    def _of_call(self, code: Code, op: ir.Call, path: str, depth: int) -> Iterator[Member]:
        function = code.scope.ops[op.function]
        last = ir.identifier(function)
        if last in _WRAPPING and len(op.arguments) == 1:
            yield from self._of_object(code, op.arguments[0], path, depth)
        elif last in _DUMPING and isinstance(function, ir.Attribute):
            yield from self._of_model(code, function.value, path)
        elif last in ("dict", "jsonify") and op.keywords:
            yield from self._of_keywords(code, op, path, depth)
        elif any(isinstance(value, ClassValue) for value in self._inference.values(code, op.function)):
            yield from self._of_keywords(code, op, path, depth)

    def _of_keywords(self, code: Code, op: ir.Call, path: str, depth: int) -> Iterator[Member]:
        for name, value in op.keywords:
            yield from self._members(code, value, _below(path, name), depth - 1)

    def _of_model(self, code: Code, index: int, path: str) -> Iterator[Member]:
        for value in self._inference.values(code, index):
            if isinstance(value, Instance) and self._models.is_schema(value.code):
                for field in self._models.fields(value.code):
                    yield Member(_below(path, field.name), "unknown")

    def _members(self, code: Code, index: int, path: str, depth: int) -> Iterator[Member]:
        """What stands at a path: a member, or those of the object there."""
        inner = list(self._of_object(code, index, path, depth)) if depth > 0 else []
        yield from inner or [self._member(code, index, path)]

    def _member(self, code: Code, index: int, path: str) -> Member:
        op = code.scope.ops[index]
        if isinstance(op, ir.Constant):
            return Member(path, "text", op.text) if op.kind == "str" else Member(path, op.kind)
        if isinstance(op, ir.Formatted):
            parts = (code.scope.ops[part] for part in op.parts)
            return Member(path, "text", "".join(_written(part) for part in parts))
        if isinstance(op, (ir.Display, ir.Mapping)):
            return Member(path, "list" if isinstance(op, ir.Display) else "object")
        values = self._inference.values(code, index)
        if len(values) == 1 and isinstance(values[0], LiteralValue) and values[0].kind == "str":
            return Member(path, "text", values[0].text)
        return Member(path, "unknown")

    def _origin(self, code: Code, index: int) -> Origin:
        """The operation that made a value, or the value itself where that is not seen."""
        op = code.scope.ops[index]
        if not isinstance(op, (ir.Name, ir.Await)):
            return code, index
        return self._origins.of(code, index) or (code, index)


def _below(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _written(op: ir.AnyOp) -> str:
    return op.text if isinstance(op, ir.Constant) else "…"
