"""Whether a value meets a condition: yes, no, or not to be said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.engine import ir
from archwise.engine.known import EMPTY, FULL, OPEN
from archwise.engine.values import (
    UNKNOWN,
    Awaitable,
    ClassValue,
    External,
    ExternalInstance,
    Instance,
    ItemsOf,
    Literal,
    MappingOf,
    TupleOf,
    Value,
    Values,
    is_known,
)

if TYPE_CHECKING:
    from archwise.engine.classes import Classes
    from archwise.engine.ir import Condition
    from archwise.engine.needs import Need
    from archwise.engine.program import Code

_CONTAINERS = frozenset({"list", "tuple", "set", "dict", "object"})
_LONGEST_COMPARED = 60
_PLAIN: dict[Condition, Condition] = {
    "not-none": "none",
    "not-among": "among",
    "not-starts": "starts",
    "is-not": "is",
    "false": "true",
}
_ABSTRACT = ("collections.", "typing.", "typing_extensions.", "numbers.", "abc.", "builtins.object", "os.PathLike")
_OF_OWN = ("pathlib.", "io.", "datetime.")
"""Classes that are no texts and no containers, nor share any with them."""
_BUFFERS = frozenset({"io.BytesIO", "io.StringIO"})
"""Classes all of whose bases are known."""
_TYPES = {
    "str": {"str"},
    "format": {"str"},
    "bool": {"bool", "int"},
    "bytes": {"bytes"},
    "list": {"list"},
    "tuple": {"tuple"},
    "set": {"set"},
    "dict": {"dict"},
    "none": {"NoneType"},
}
_DECLARED = {
    "builtins.str": {"str"},
    "builtins.bytes": {"bytes", "bytearray", "memoryview"},
    "builtins.bool": {"bool", "int"},
    "builtins.int": {"int", "bool"},
    "builtins.float": {"float", "int", "bool"},
}
"""What an annotation lets pass."""


def types_of(types: Values) -> Values:
    """The classes that the second argument of ``isinstance`` names, one by one."""
    found: list[Value] = []
    for value in types:
        if isinstance(value, TupleOf):
            found += [each for items in value.items for each in types_of(items)]
        else:
            found.append(value if isinstance(value, (ClassValue, External)) else UNKNOWN)
    return tuple(found)


def meets(need: Need, value: Value, classes: Classes) -> bool | None:
    """Whether a condition holds of a value; None where that cannot be said."""
    if need.kind in ir.ASKED:
        return None
    kind, holds = need.kind, True
    if kind in _PLAIN:
        kind, holds = _PLAIN[kind], False
    if kind == "none":
        found = _is_none(value)
    elif kind == "true":
        found = _is_true(value, classes)
    elif kind == "starts":
        found = _any([_starts(value, other) for other in need.operand])
    elif kind == "among":
        found = _any([_is_equal(value, other, classes) for other in need.operand])
    else:
        found = _any([_is_instance(value, type_, classes) for type_ in need.operand])
    return found if found is None else found is holds


def contradict(first: Need, second: Need, classes: Classes) -> bool:
    """Whether two conditions on the same thing cannot both hold."""
    if first.path != second.path or first.code is not second.code:
        return False
    for one, other in ((first, second), (second, first)):
        if one.kind == "none" and meets(other, Literal("none", "None"), classes) is False:
            return True
        if one.kind == "among" and all(meets(other, value, classes) is False for value in one.operand):
            return True
    opposites = {first.kind, second.kind}
    if opposites == ir.ASKED:
        return first.operand == second.operand and len(first.operand) == 1 and is_known(first.operand)
    return opposites == {"true", "false"} or (opposites == {"is", "is-not"} and first.operand == second.operand)


def _any(answers: list[bool | None]) -> bool | None:
    if True in answers:
        return True
    return None if None in answers else False


def _is_none(value: Value) -> bool | None:
    if isinstance(value, Literal):
        return value.kind == "none"
    return False if isinstance(value, Instance) and value.exact else None


def _is_true(value: Value, classes: Classes) -> bool | None:
    if isinstance(value, Instance) and value.exact:
        plain = not classes.external_bases(value.code)
        plain = plain and all(classes.defining(value.code, name) is None for name in ("__bool__", "__len__"))
        return True if plain else None
    if not isinstance(value, Literal):
        return None
    if value.kind in _CONTAINERS:
        return {EMPTY: False, OPEN: None, FULL: True}[value.text]
    if value.kind in ("none", "bool"):
        return value.text == "True"
    if value.kind == "str":
        return bool(value.text)
    if value.kind == "number" and value.text:
        return value.text not in ("0", "0.0", "0j")
    return None


def _is_equal(value: Value, other: Value, classes: Classes) -> bool | None:
    if not isinstance(other, Literal):
        return None
    if isinstance(value, Instance) and value.exact:
        plain = not classes.external_bases(value.code) and classes.defining(value.code, "__eq__") is None
        return False if plain else None
    if not isinstance(value, Literal):
        return None
    kinds = {value.kind, other.kind}
    if kinds <= {"number", "bool"} and len(kinds) == 2:
        return None
    if "member" in kinds and kinds != {"member"}:
        return False if "none" in kinds else None
    if kinds == {"str", "format"}:
        text, made = (value.text, other.text) if value.kind == "str" else (other.text, value.text)
        return None if len(text) >= _LONGEST_COMPARED or text.endswith(made.removeprefix(OPEN)) else False
    if len(kinds) == 2:
        return False
    if value.kind in ("none", "bool", "number", "member") and value.text and other.text:
        return value.text == other.text
    if value.kind == "str" and len(value.text) < _LONGEST_COMPARED:
        return value.text == other.text
    return None


def _starts(value: Value, prefix: Value) -> bool | None:
    if not isinstance(value, Literal) or not isinstance(prefix, Literal) or value.kind != "str" or prefix.kind != "str":
        return None
    return value.text.startswith(prefix.text)


def _is_instance(value: Value, type_: Value, classes: Classes) -> bool | None:
    if isinstance(type_, ClassValue):
        return _is_of_program(value, type_.code, classes)
    if not isinstance(type_, External):
        return None
    is_abstract = type_.name.startswith(_ABSTRACT)
    if isinstance(value, Instance):
        bases = classes.external_bases(value.code)
        return True if type_.name in bases else False if value.exact and not bases and not is_abstract else None
    if isinstance(value, ExternalInstance):
        if value.name == type_.name or classes.is_derived(value.name, type_.name):
            return True
        if value.name in _BUFFERS and not is_abstract and not type_.name.startswith("io."):
            return False
    return None if is_abstract else _is_builtin(value, type_.name)


def _is_of_program(value: Value, cls: Code, classes: Classes) -> bool | None:
    """Whether a value is an instance of a class of the program."""
    if isinstance(value, Instance):
        return True if cls in classes.order(value.code) else False if value.exact else None
    return False if isinstance(value, Literal) and value.kind not in ("object", "member") else None


def _is_builtin(value: Value, type_: str) -> bool | None:
    """Whether a value of a built-in type is an instance of a class of another package."""
    names = _names_of(value)
    if not names:
        return None
    module, _, last = type_.rpartition(".")
    if module != "builtins":
        return False if isinstance(value, Literal) or type_.startswith(_OF_OWN) else None
    if last not in names:
        return False
    return True if len(names) == 1 or isinstance(value, Literal) else None


def _names_of(value: Value) -> set[str]:
    """The built-in types a value may be of; none where that is not known."""
    if isinstance(value, Literal):
        if value.kind == "number":
            return {"int" if value.text.isdigit() else "float"} if value.text else set()
        return _TYPES.get(value.kind, set())
    if isinstance(value, ExternalInstance):
        return _DECLARED.get(value.name, set())
    if isinstance(value, Awaitable):
        return {"coroutine"}
    if isinstance(value, MappingOf):
        return {"dict"}
    if isinstance(value, TupleOf):
        return {"tuple"}
    return {"list", "set", "frozenset", "tuple", "deque"} if isinstance(value, ItemsOf) else set()
