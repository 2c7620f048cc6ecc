"""Whether a call that can wait does: some arguments say that it must not (``block=False``, ``timeout=0``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.engine import ir
from archwise.engine.arguments import Arguments
from archwise.engine.known import Known
from archwise.engine.needs import Need, Needs
from archwise.engine.nonblocking import bound_to, returned
from archwise.engine.values import External, ExternalInstance, Literal, Symbolic, Unknown, Value, Values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archwise.engine.inference import Inference
    from archwise.engine.program import Code
    from archwise.knowledge.facts import Effect

_DEEPEST = 4
_LOCKED = "threading.Lock.acquire"
_THE_CONTENT = "<content>"
_CONTENT = f"={_THE_CONTENT}"
_MEMORY = "<memory>"
_PATH = "<path>"
_PATHS = ("path", "filename", "file_name")
"""How names of what names a file end."""
_TEXTS = frozenset({"str", "builtins.str"})
_CONTENTS = frozenset(
    {"text", "content", "body", "data", "read", "decode", "encode", "getvalue", "read_text", "read_bytes"}
)
"""The attributes and methods that give what a response or a file holds."""
_BUFFERS = frozenset({"io.BytesIO", "io.StringIO", "zipfile.ZipExtFile"})
"""What is read from memory, or from an archive that something else has opened."""
_BUFFER_TYPES = tuple(External(name) for name in sorted(_BUFFERS))


class Waits:
    """Holds what knowledge says of a call that does not wait (``unless``) against the call."""

    def __init__(self, inference: Inference) -> None:
        self._inference = inference
        self._known = Known(inference)

    def needs(self, effect: Effect, arguments: Arguments) -> Needs | None:
        """What the parameters of the calling function must be for a call to wait; None where it does not."""
        if excused(effect.unless, arguments) or (effect.kind == "file" and _is_in_memory(arguments)):
            return None
        if effect.only and not _has_any(effect.only, arguments):
            return None
        if arguments.written is None:
            return ()
        code, call = arguments.written
        if any(_is_content(code, _operand(call, position)) for position in _where_content(effect)):
            return None
        if effect.kind == "file" and any(self._is_of_memory(code, operand) for operand in call.arguments[:1]):
            return None
        if any(_is_flagged(code, _operand(call, name), wanted) for name, _, wanted in _parts(effect.unless)):
            return None
        found = list(self._unless_in_memory(code, call)) if effect.kind == "file" else []
        for name, wanted in (_condition(each) for each in effect.unless if not each.endswith(("=*", _CONTENT))):
            operand = _operand(call, name)
            values = self._known.of(code, operand) if operand else ()
            if len(values) == 1 and isinstance(values[0], Symbolic):
                path = ".".join((values[0].name, *(step[1:] for step in values[0].path)))
                found.append(Need(code, path, "not-among", (wanted,)))
        return tuple(found)

    def is_unsettled(self, effect: Effect, arguments: Arguments) -> bool:
        """Whether a call takes what is to be read itself as well as its name, and nothing tells which it is given."""
        for condition in effect.unless:
            name, _, wanted = condition.partition("=")
            if wanted in (_MEMORY, _THE_CONTENT):
                given = arguments.at(int(name) if name.isdigit() else name)
                unseen = bool(given) and all(isinstance(value, Unknown) for value in given)
                if unseen and not _is_called_path(arguments, name, given):
                    return True
        return False

    def _unless_in_memory(self, code: Code, call: ir.Call) -> Iterator[Need]:
        """What is read or written may be a parameter: of those that are given a buffer, none waits."""
        for operand in call.arguments[:1]:
            for value in self._inference.values(code, operand):
                if isinstance(value, Symbolic) and not value.path:
                    yield Need(code, value.name, "is-not", _BUFFER_TYPES)

    def _is_of_memory(self, code: Code, index: int) -> bool:
        """Whether an operand is a file that was opened on a buffer: ``gzip.open(BytesIO(content))``."""
        made = self._maker(code, index)
        called = self._inference.values(made[0], made[1].function) if made is not None else ()
        if made is None or len(called) != 1 or not isinstance(called[0], External):
            return False
        opens = self._inference.facts.function_effect(called[0].name)
        is_file = called[0].name.startswith("io.") or (opens is not None and opens.kind == "file")
        return is_file and _is_in_memory(Arguments.of(self._inference, *made))

    def is_ruled_out(self, effect: Effect, code: Code, index: int) -> bool:
        """Whether the object an operation reads was made so that using it does not wait: ``FileLock(timeout=0)``."""
        made = self._maker(code, index) if (effect.unless or effect.unless_made) and index else None
        if made is None:
            return False
        if effect.name == _LOCKED and made[0] is code and not _was_taken(code, index):
            return True
        given = Arguments.of(self._inference, *made)
        return excused(effect.unless, Arguments((), given.keywords)) or excused(effect.unless_made, given)

    def needs_of_maker(self, effect: Effect, code: Code, index: int) -> Needs:
        """What the parameters of a function must be for what it makes of them to wait: no buffer."""
        made = self._maker(code, index) if any(each.endswith(_MEMORY) for each in effect.unless_made) else None
        return tuple(self._unless_in_memory(*made)) if made is not None and made[0] is code else ()

    def _maker(self, code: Code, index: int, depth: int = 0) -> tuple[Code, ir.Call] | None:
        """The one call that makes what an operation reads, through names and attributes of ``self``."""
        op = code.scope.ops[index]
        if isinstance(op, ir.Call):
            inner = returned(self._inference, code, op) if depth <= _DEEPEST else None
            return (code, op) if inner is None else self._maker(*inner, depth + 1)
        if depth > _DEEPEST:
            return None
        if isinstance(op, ir.Enter):
            return self._maker(code, op.value, depth + 1)
        if isinstance(op, ir.Name):
            made = bound_to(code, op, index)
            return self._maker(code, made, depth + 1) if made else None
        classes = self._inference.classes
        if isinstance(op, ir.Attribute) and code.owner is not None and classes.is_receiver(code, op.value):
            stores = classes.stores(code.owner).get(op.name, ())
            return self._maker(stores[0][0], stores[0][1], depth + 1) if len(stores) == 1 else None
        return None


def excused(unless: tuple[str, ...], arguments: Arguments) -> bool:
    """Whether a call's arguments say, or may say unseen, that it will not wait."""
    if unless and arguments.starred:
        return True
    for condition in unless:
        name, _, wanted = condition.partition("=")
        given = arguments.at(int(name)) if name.isdigit() else arguments.at(name)
        if _is_as_wanted(given, wanted):
            return True
        if wanted == _MEMORY and _is_in_memory(Arguments((given,))):
            return True
    return False


def _has_any(only: tuple[str, ...], arguments: Arguments) -> bool:
    """Whether a call is given one of the arguments that make it wait: any, a certain one, or one that names a file."""
    for condition in only:
        name, _, wanted = condition.partition("=")
        given = arguments.at(int(name)) if name.isdigit() else arguments.at(name)
        if wanted == _PATH and (any(map(_is_path, given)) or _is_called_path(arguments, name, given)):
            return True
        if _is_as_wanted(given, wanted):
            return True
    return False


def _is_as_wanted(given: Values, wanted: str) -> bool:
    """Whether an argument is what a condition names, or anything where that is ``*``."""
    return any(_text(value) == wanted.strip("'\"") for value in given) or (wanted == "*" and _is_something(given))


def _is_path(value: Value) -> bool:
    """Whether a value names a file."""
    if isinstance(value, ExternalInstance):
        return value.name in _TEXTS or value.name.startswith("pathlib.")
    return isinstance(value, Literal) and value.kind == "str"


def _is_called_path(arguments: Arguments, name: str, given: Values) -> bool:
    """Whether what a call is given is called a path, where nothing else says what it is."""
    if arguments.written is None or not all(isinstance(value, (Symbolic, Unknown)) for value in given):
        return False
    code, call = arguments.written
    operand = _operand(call, name)
    called = ir.identifier(code.scope.ops[operand]).lower() if operand else ""
    return called.endswith(_PATHS)


def _where_content(effect: Effect) -> Iterator[str]:
    """The arguments that name what a call reads, or are its content themselves."""
    for condition in effect.unless:
        if condition.endswith(_CONTENT):
            yield condition.removesuffix(_CONTENT)


def _is_content(code: Code, index: int, depth: int = 0) -> bool:
    """Whether an operand is, by how it is come by, the text or bytes of something rather than its name."""
    op = code.scope.ops[index] if index else None
    if isinstance(op, ir.Await):
        return True
    if isinstance(op, ir.Unpack):
        return _is_content(code, op.value, depth)
    if isinstance(op, ir.Name) and depth < _DEEPEST:
        bindings = code.scope.bindings.get(op.id, ())
        return bool(bindings) and all(_is_content(code, each.value, depth + 1) for each in bindings)
    if isinstance(op, ir.Call):
        op = code.scope.ops[op.function]
    return isinstance(op, ir.Attribute) and op.name in _CONTENTS


def _parts(unless: tuple[str, ...]) -> Iterator[tuple[str, str, str]]:
    return (condition.partition("=") for condition in unless)


def _is_flagged(code: Code, index: int, flag: str) -> bool:
    """Whether an operand is a choice of flags with this one among them: ``os.O_RDONLY | os.O_NONBLOCK``."""
    op = code.scope.ops[index] if index else None
    if isinstance(op, ir.Operation) and op.method == "__or__":
        return _is_flagged(code, op.value, flag) or _is_flagged(code, op.operand, flag)
    return isinstance(op, ir.Attribute) and ir.path(code.scope.ops, index) == flag


def _is_something(given: Values) -> bool:
    """Whether an argument is given, and not as ``None``."""
    return any(not (isinstance(value, Literal) and value.kind == "none") for value in given)


def _is_in_memory(arguments: Arguments) -> bool:
    """Whether what is read or written is a buffer, not a file."""
    given = (*arguments.positional, *(values for _, values in arguments.keywords))
    return any(isinstance(value, ExternalInstance) and value.name in _BUFFERS for values in given for value in values)


def _was_taken(code: Code, index: int) -> bool:
    """Whether a function has acquired, before, what it made itself: it is free until then."""
    ops = code.scope.ops
    path = ir.path(ops, index)
    return any(
        op.name == "acquire" and at < index and ir.path(ops, op.value) == path
        for at, op in code.operations(ir.Attribute)
    )


def _operand(call: ir.Call, name: str) -> int:
    """The operation a call gives at a position or under a keyword; 0 where it gives none."""
    return call.argument(int(name) if name.isdigit() else name)


def _condition(text: str) -> tuple[str, Literal]:
    """Which argument keeps a call from waiting when it is what."""
    name, _, wanted = text.partition("=")
    if wanted[:1] in ("'", '"'):
        return name, Literal("str", wanted.strip("'\""))
    return name, Literal({"True": "bool", "False": "bool", "None": "none"}.get(wanted, "number"), wanted)


def _text(value: Value) -> str:
    if isinstance(value, Literal):
        return value.text.strip("'\"")
    return value.name if isinstance(value, (External, ExternalInstance)) else ""
