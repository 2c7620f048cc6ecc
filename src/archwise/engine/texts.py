"""What of an exception flows into a value: its text or its trace, through variables, helpers and their parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from archwise.engine import ir
from archwise.engine.names import reaching
from archwise.engine.truth import types_of
from archwise.engine.values import ClassValue, External, FunctionValue, Method, TupleOf, Value, Values

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from archwise.engine.inference import Inference
    from archwise.engine.program import Code

_DEEPEST = 5
_BROAD = {"builtins.Exception": "any exception", "builtins.BaseException": "any exception"}
_TEXTUAL = frozenset(
    {
        *("builtins.str", "builtins.repr", "builtins.format", "builtins.ascii", "json.dumps", "orjson.dumps"),
        *("html.escape", "markupsafe.escape", "textwrap.shorten"),
    }
)
"""Functions that give the text of what they are given."""
_HOLDING = frozenset({"builtins.dict", "builtins.list", "builtins.tuple", "fastapi.encoders.jsonable_encoder"})
"""Functions whose result holds what they are given."""
_METHODS = frozenset({"format", "join", "strip", "lstrip", "rstrip", "lower", "upper", "title", "capitalize", "encode"})
_PARSERS = frozenset(
    {
        *("json", "loads", "safe_load", "int", "float", "bool", "str", "UUID", "Decimal", "fromisoformat", "strptime"),
        *("model_validate", "model_validate_json", "parse_obj", "parse_raw", "validate_python", "validate_json"),
        *("decode", "encode", "b64decode", "get", "strip", "split", "lower", "upper", "isinstance", "len", "dict"),
        *("receive_json", "receive_text", "form", "body", "read"),
        *("match", "fullmatch", "search", "isdigit", "startswith", "endswith"),
    }
)
"""Calls whose exceptions tell the client of nothing but what it sent."""
_CLEANING = ("sanitize", "sanitise", "redact", "scrub", "mask", "safe")
_ASIDE = ("debug", "dev_mode", "development", "testing", "verbose_error", "expose")
_STAGES = {
    "among": frozenset({"dev", "develop", "development", "debug", "local", "localhost", "test", "testing"}),
    "not-among": frozenset({"prod", "production", "live"}),
}
"""What programs call the stages in which only their developers see them, and those in which others do."""


class Text(msgspec.Struct, frozen=True, gc=False):
    """Where the text of an exception that the code did not choose is taken, and the calls it then passes.

    ``of`` says which exceptions are caught there, ``tells`` what the text of a library's is known to hold.
    ``hops`` are the functions the text passed, nearest to where it ends first.
    """

    code: Code
    op: int
    kind: Literal["text", "trace"]
    of: str
    tells: str = ""
    hops: tuple[tuple[Code, int], ...] = ()


class Traced(msgspec.Struct, gc=False):
    """The texts in a value, and the parameters that it holds the text of."""

    texts: dict[tuple[Code, int, str], Text]
    parameters: dict[str, bool]
    """Whether each is made a text on the way, or left the object it was."""


class _Way(msgspec.Struct, frozen=True, gc=False):
    """How a walk got where it is: the outermost place, whether only the text is kept, how deep it may still go."""

    place: int
    textual: bool
    depth: int


class Texts:
    """Follows values back to the handlers whose exceptions they tell of."""

    def __init__(self, inference: Inference, answers: Callable[[Code, ir.Call], bool]) -> None:
        """``answers`` says whether a call makes a response, which is followed by itself."""
        self._inference = inference
        self._answers = answers
        self._results: dict[Code, Traced] = {}

    def of(self, code: Code, index: int, textual: bool = True) -> Traced:
        """What flows into the operation ``index`` of ``code``; ``textual`` where an exception is shown as text."""
        found = Traced({}, {})
        self._walk(code, index, _Way(0, textual, _DEEPEST), found, set())
        return found

    def returned(self, code: Code, depth: int = _DEEPEST) -> Traced:
        """What flows into the results of a function, or into what it yields."""
        known = self._results.get(code)
        if known is None:
            known = self._results[code] = Traced({}, {})
            if depth > 0:
                scope = code.scope
                for index in scope.yields if scope.is_generator else scope.results:
                    self._walk(code, index, _Way(self._return_of(code, index), False, depth - 1), known, set())
        return known

    def _return_of(self, code: Code, index: int) -> int:
        """The ``return`` that gives a value which has no place of its own."""
        ops = code.scope.ops
        if hasattr(ops[index], "line"):
            return index
        return next((i for i, op in enumerate(ops) if isinstance(op, ir.Return) and op.value == index), 0)

    def _walk(self, code: Code, index: int, way: _Way, found: Traced, seen: set[int]) -> None:
        op = code.scope.ops[index]
        if index in seen or index == 0 or is_aside(code, op) or self._is_chosen(code, op):
            return
        seen.add(index)
        if not way.place and hasattr(op, "line"):
            way = _Way(index, way.textual, way.depth)
        for below, textual in self._parts(code, index, op, way, found):
            self._walk(code, below, _Way(way.place, way.textual or textual, way.depth), found, seen)

    def _is_chosen(self, code: Code, op: ir.AnyOp) -> bool:
        """Whether a name is read where it was found to be an exception whose text somebody chose for clients."""
        if not isinstance(op, ir.Name):
            return False
        for test in code.conditions(op.block):
            if test.path == op.id and test.kind == "is":
                return self.broad(tuple(types_of(self._inference.values(code, test.operand)))) is None
        return False

    def _parts(self, code: Code, index: int, op: ir.AnyOp, way: _Way, found: Traced) -> Iterator[tuple[int, bool]]:
        """The operations that a value is made of, and whether it is made of their text.

        Texts that end here are noted in ``found``.
        """
        match op:
            case ir.Formatted():
                yield from ((part, True) for part in op.parts)
            case ir.Mapping():
                yield from ((value, False) for value in op.values)
            case ir.Display():
                yield from ((item, False) for item in op.items)
            case ir.Either():
                yield from ((option, False) for option in op.options)
            case ir.Await():
                yield op.value, False
            case ir.Operation(method="__add__" | "__mod__"):
                yield op.value, True
                yield op.operand, True
            case ir.Item():
                key = code.scope.ops[op.key]
                if not (isinstance(key, ir.Constant) and key.kind == "str"):
                    yield op.value, False
            case ir.Attribute(name="args"):
                yield op.value, True
            case ir.Name():
                yield from self._named(code, op, index, way, found)
            case ir.Raised() if way.textual:
                self._caught(code, index, way.place, found)
            case ir.Unpack():
                yield from self._unpacked(code, op, way, found)
            case ir.Call() if not self._answers(code, op):
                yield from self._called(code, index, op, way, found)
            case _:
                return

    def _named(self, code: Code, op: ir.Name, index: int, way: _Way, found: Traced) -> Iterator[tuple[int, bool]]:
        scope = code.scope
        bindings = scope.bindings.get(op.id, ())
        complete = False
        if bindings and op.id not in scope.globals:
            reached, complete = reaching(scope, op.id, op.block, index)
            yield from ((binding.value, False) for binding in reached)
        for store in scope.stores:
            target = scope.ops[store.target]
            if store.item and isinstance(target, ir.Name) and target.id == op.id and store.value < index:
                yield store.value, False
        if not complete and any(parameter.name == op.id for parameter in scope.parameters):
            found.parameters[op.id] = way.textual or found.parameters.get(op.id, False)

    def _caught(self, code: Code, index: int, place: int, found: Traced) -> None:
        for handler in code.scope.handlers:
            if handler.raised == index and not self._parses_input(code, handler):
                said = self.broad(self._inference.values(code, handler.type))
                if said is not None:
                    found.texts.setdefault((code, place or index, "text"), Text(code, place or index, "text", *said))

    def _parses_input(self, code: Code, handler: ir.Handler) -> bool:
        """Whether all that is tried is to make sense of what the client sent."""
        calls = [op for _, op in code.operations(ir.Call) if code.is_within(op.block, handler.guarded)]
        return bool(calls) and all(self._parses(code, op, True) for op in calls)

    def _parses(self, code: Code, op: ir.Call, follows: bool) -> bool:
        if ir.identifier(code.scope.ops[op.function]) in _PARSERS:
            return True
        for value in self._inference.values(code, op.function):
            if isinstance(value, ClassValue):
                bases = self._inference.classes.external_bases(value.code)
                return any(base.startswith("pydantic.") for base in bases)
            if isinstance(value, (FunctionValue, Method)) and follows:
                return self._refuses(value.code)
        return False

    def _refuses(self, code: Code) -> bool:
        """Whether a function only looks at what it is given, and refuses it in words of its own."""
        ops = code.scope.ops
        raises = [op for op in ops if isinstance(op, ir.Raise)]
        return (
            bool(raises)
            and not code.scope.is_stub
            and all(
                self._parses(code, op, False) or any(each.line <= op.line <= each.end_line for each in raises)
                for op in ops
                if isinstance(op, ir.Call)
            )
        )

    def broad(self, caught: Values) -> tuple[str, str] | None:
        """Which exceptions of those caught have a text that nobody here wrote, and what it tells where known."""
        for value in caught:
            if isinstance(value, TupleOf):
                for item in value.items:
                    said = self.broad(item)
                    if said is not None:
                        return said
            if isinstance(value, External):
                name = self._inference.facts.canonical(value.name)
                tells = self._inference.facts.revealing.get(name)
                if name in _BROAD or tells:
                    return _BROAD.get(name, f"`{name.removeprefix('builtins.')}`"), tells or ""
        return None

    def _unpacked(self, code: Code, op: ir.Unpack, way: _Way, found: Traced) -> Iterator[tuple[int, bool]]:
        """One of several things that a function returns together."""
        index = op.value
        while isinstance(made := code.scope.ops[index], ir.Await):
            index = made.value
        if isinstance(made, ir.Display) and 0 <= op.position < len(made.items):
            yield made.items[op.position], False
        for callee in self._callees(code, made, way):
            below = Traced({}, {})
            for result in callee.scope.results:
                pair = callee.scope.ops[result]
                if isinstance(pair, ir.Display) and 0 <= op.position < len(pair.items):
                    inner = _Way(self._return_of(callee, result), way.textual, way.depth - 1)
                    self._walk(callee, pair.items[op.position], inner, below, set())
            yield from self._passed(code, index, callee, below, found)

    def _called(self, code: Code, index: int, op: ir.Call, way: _Way, found: Traced) -> Iterator[tuple[int, bool]]:
        function = code.scope.ops[op.function]
        if isinstance(function, ir.Attribute) and function.name in _METHODS:
            yield function.value, True
            yield from ((value, True) for value in op.given)
            return
        for value in self._inference.values(code, op.function):
            if isinstance(value, External):
                yield from self._external(code, op, value, way, found)
            elif isinstance(value, ClassValue) and not self._inference.classes.defining(value.code, "__init__"):
                yield from ((each, False) for each in op.given)
        for callee in self._callees(code, op, way):
            yield from self._passed(code, index, callee, self.returned(callee, way.depth), found)

    def _external(
        self, code: Code, op: ir.Call, value: External, way: _Way, found: Traced
    ) -> Iterator[tuple[int, bool]]:
        facts = self._inference.facts
        name = facts.canonical(value.name)
        function = facts.functions.get(name)
        kind = function[0].reveals if function is not None else None
        if kind is not None:
            found.texts.setdefault((code, way.place, kind), Text(code, way.place, kind, "any exception"))
        elif name in _TEXTUAL or name in _HOLDING:
            for given in op.given:
                yield given, name in _TEXTUAL
        elif name == "builtins.getattr":
            yield from ((given, False) for given in op.arguments[2:])

    def _callees(self, code: Code, op: ir.AnyOp, way: _Way) -> Iterator[Code]:
        if not isinstance(op, ir.Call) or way.depth <= 0:
            return
        for value in self._inference.values(code, op.function):
            if (
                isinstance(value, (FunctionValue, Method))
                and value.code is not code
                and not any(word in value.code.scope.name.lower() for word in _CLEANING)
            ):
                yield value.code

    def _passed(self, code: Code, index: int, callee: Code, below: Traced, found: Traced) -> Iterator[tuple[int, bool]]:
        """What a call's result holds: what the function itself catches, and the text of what it is given."""
        op = code.scope.ops[index]
        for key, text in below.texts.items():
            if key not in found.texts:
                found.texts[key] = msgspec.structs.replace(text, hops=((code, index), *text.hops))
        for name, textual in below.parameters.items():
            given = self.argument(code, op, callee, name) if isinstance(op, ir.Call) else 0
            if given:
                yield given, textual

    def argument(self, code: Code, op: ir.Call, callee: Code, name: str) -> int:
        """The operation that a call gives a parameter; 0 where it gives none."""
        given = op.argument(name)
        if given:
            return given
        names = [parameter.name for parameter in callee.scope.parameters if parameter.kind == "positional"]
        if name not in names:
            return 0
        position = names.index(name) - self._bound(code, op, callee)
        return op.argument(position)

    def _bound(self, code: Code, op: ir.Call, callee: Code) -> int:
        """How many parameters the receiver takes up."""
        if callee.scope.name == "__init__" and callee.owner is not None:
            return 1
        values: tuple[Value, ...] = self._inference.values(code, op.function)
        return int(any(isinstance(value, Method) and value.code is callee for value in values))


def is_aside(code: Code, op: ir.AnyOp) -> bool:
    """Whether an operation runs only while debugging, or only for exceptions of a class that a condition names."""
    raised = {name for name, bound in code.scope.bindings.items() if any(_is_raised(code, b.value) for b in bound)}
    return any(
        (test.kind in ("not-none", "true") and any(word in test.path.lower() for word in _ASIDE))
        or (test.kind == "is" and test.path in raised)
        or _is_stage(code, test)
        for test in code.conditions(getattr(op, "block", 0))
    )


def _is_stage(code: Code, test: ir.Test) -> bool:
    """Whether a condition holds only while a program is developed: ``if STAGE == "dev"``."""
    operand = code.scope.ops[test.operand]
    literals = [code.scope.ops[item] for item in operand.items] if isinstance(operand, ir.Display) else [operand]
    stages = _STAGES.get(test.kind, frozenset())
    return all(isinstance(each, ir.Constant) and each.text.lower() in stages for each in literals)


def _is_raised(code: Code, index: int) -> bool:
    return isinstance(code.scope.ops[index], ir.Raised)
