"""What annotations, and the type expressions of knowledge files, say of a value."""

from __future__ import annotations

import ast
import functools
from typing import TYPE_CHECKING

from archwise.engine import ir
from archwise.engine.nesting import limited
from archwise.engine.values import (
    NOTHING,
    UNKNOWN,
    UNKNOWN_VALUES,
    Awaitable,
    ClassValue,
    Environment,
    External,
    ExternalInstance,
    Instance,
    ItemsOf,
    Key,
    Literal,
    MappingOf,
    Symbolic,
    TupleOf,
    Unknown,
    Value,
    Values,
    is_known,
    telling,
    union,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archwise.engine.inference import Inference
    from archwise.engine.program import Code

_ITEMS = frozenset(
    {
        *(
            "list",
            "set",
            "frozenset",
            "List",
            "Set",
            "FrozenSet",
            "Sequence",
            "MutableSequence",
            "Iterable",
            "Iterator",
        ),
        *(
            "Collection",
            "deque",
            "Deque",
            "Generator",
            "AsyncIterator",
            "AsyncGenerator",
            "AsyncIterable",
            "AbstractSet",
        ),
        *("Reversible", "KeysView", "ValuesView"),
    }
)
_MAPPINGS = frozenset(
    {"dict", "Dict", "Mapping", "MutableMapping", "defaultdict", "DefaultDict", "OrderedDict", "WeakValueDictionary"}
)
_AWAITABLES = frozenset({"Awaitable", "Coroutine", "Future", "Task"})
_WRAPPERS = frozenset(
    {"Optional", "Final", "ClassVar", "Required", "NotRequired", "ReadOnly", "Union", "InitVar", "Mapped"}
)
_OPAQUE = frozenset(
    {"Any", "object", "Callable", "TypeVar", "Self", "Literal", "Protocol", "Generic", "None", "NoReturn", "Never"}
    | {"IO", "BinaryIO", "TextIO"}
)
"""What says nothing of a value; of a stream, not whether it is a file or lies in memory."""
_TYPING = ("typing", "typing_extensions", "collections.abc", "collections", "builtins", "asyncio", "dataclasses", "t")
_LONGEST_ALIAS = 12
"""Names and imports, each a step, from where an alias is used to where it is defined."""


class Annotations:
    """Reads annotations."""

    def __init__(self, inference: Inference) -> None:
        self._inference = inference
        self._known: dict[tuple[Code, int], Values] = {}
        self._held: dict[Code, Environment] = {}

    def values(self, code: Code, index: int) -> Values:
        """What an expression annotated with the operation ``index`` of ``code`` may be."""
        key = code, index
        found = self._known.get(key)
        if found is None:
            self._known[key] = NOTHING
            found = self._known[key] = self._read(code, index) or UNKNOWN_VALUES
        return found

    def over(self, declared: Values, found: Values) -> Values:
        """Which of the two says more where only a vague value was found: its type as declared, unless that is a class
        nothing is known of, as those of stub packages are, and the other is not; or a list, and the other one waits
        when it is gone through.
        """
        if not is_known(declared) or (self._is_described(found) and not self._is_described(declared)):
            return found
        if any(isinstance(v, ExternalInstance) and self._inference.facts.protocol(v.name, "iterates") for v in found):
            return found if all(isinstance(value, ItemsOf) for value in declared) else declared
        return declared

    def _is_described(self, values: Values) -> bool:
        """Whether facts speak of a class among these, or whether there is any other value that says something."""
        facts = self._inference.facts
        return any(
            facts.class_(value.name) is not None if isinstance(value, ExternalInstance) else is_known((value,))
            for value in values
        )

    def injected(self, code: Code, index: int) -> Values:
        """What ``Annotated[T, Depends(f)]`` injects, behind aliases too; nothing where it is no such annotation."""
        op = code.scope.ops[index]
        if isinstance(op, ir.Item) and self._name(code, op.value) == "Annotated":
            parts = code.scope.ops[op.key]
            if isinstance(parts, ir.Display):
                for part in parts.items[1:]:
                    found = self._inference.parameters.injection(code, part)
                    if found:
                        return found
        origin = self._alias(code, index)
        return self.injected(*origin) if origin else NOTHING

    def _alias(self, code: Code, index: int) -> tuple[Code, int] | None:
        """Where a name used as an annotation was bound to ``Annotated[…]``, or what it makes a type of its own."""
        op = code.scope.ops[index]
        if not isinstance(op, (ir.Name, ir.Attribute)):
            return None
        for _ in range(_LONGEST_ALIAS):
            if isinstance(op, ir.Name):
                bindings = code.scope.bindings.get(op.id) or ()
                if not bindings and code.parent is not None:
                    code = code.module.code
                    bindings = code.scope.bindings.get(op.id) or ()
                if len(bindings) != 1:
                    return None
                index = bindings[0].value
                op = code.scope.ops[index]
            elif isinstance(op, ir.Import) and op.name:
                full = code.module.program.absolute(code.module, op.level, op.module)
                source = code.module.program.modules.get(full or "")
                if source is None:
                    return None
                code, op = source.code, ir.Name(op.name, 0)
            elif isinstance(op, ir.Attribute):
                modules = self._inference.values(code, op.value)
                module = getattr(modules[0], "module", None) if len(modules) == 1 else None
                if module is None:
                    return None
                code, op = module.code, ir.Name(op.name, 0)
            else:
                break
        if isinstance(op, ir.Call) and len(op.arguments) == 2 and self._name(code, op.function) == "NewType":
            return code, op.arguments[1]
        return (code, index) if isinstance(op, ir.Item) else None

    def instances(self, types: Values) -> Values:
        """Instances of the classes among ``types``."""
        found: list[Value] = []
        for value in types:
            if isinstance(value, ClassValue):
                found.extend(self._inference.calls.made_instead(value.code, Instance(value.code)))
            elif isinstance(value, External):
                found.extend(self._external(value.name))
            elif isinstance(value, (TupleOf, ItemsOf)):
                inner = value.items if isinstance(value, ItemsOf) else union(*value.items)
                found.extend(self.instances(inner))
            elif isinstance(value, Literal) and value.kind == "none":
                found.append(value)
            elif isinstance(value, (Instance, ExternalInstance, Awaitable, MappingOf)):
                found.append(value)
            else:
                found.append(UNKNOWN)
        return union(tuple(found))

    def _external(self, name: str) -> Values:
        last = name.rpartition(".")[2]
        module = name.rpartition(".")[0]
        if module in _TYPING and last in _OPAQUE:
            return UNKNOWN_VALUES
        if last in _ITEMS and module in _TYPING:
            return (ItemsOf(UNKNOWN_VALUES),)
        if last in _MAPPINGS and module in _TYPING:
            return (MappingOf(UNKNOWN_VALUES),)
        return (ExternalInstance(self._inference.facts.canonical(name)),)

    def _name(self, code: Code, index: int) -> str:
        return ir.identifier(code.scope.ops[index])

    def _read(self, code: Code, index: int) -> Values:
        op = code.scope.ops[index]
        if isinstance(op, ir.Constant):
            return (Literal("none", "None"),) if op.kind == "none" else UNKNOWN_VALUES
        if isinstance(op, ir.Operation) and op.method == "__or__":
            return union(self.values(code, op.value), self.values(code, op.operand))
        if isinstance(op, ir.Item):
            return self._subscripted(code, op)
        if isinstance(op, (ir.Name, ir.Attribute)):
            alias = self._alias(code, index)
            if alias is not None and alias != (code, index):
                return self.values(*alias)
            return self._instances_or_alias(self._inference.values(code, index))
        return UNKNOWN_VALUES

    def _instances_or_alias(self, found: Values) -> Values:
        if any(isinstance(value, Symbolic) for value in found):
            return UNKNOWN_VALUES
        return self.instances(found)

    def _parts(self, code: Code, index: int) -> tuple[int, ...]:
        op = code.scope.ops[index]
        return op.items if isinstance(op, ir.Display) and op.kind == "tuple" else (index,)

    def _subscripted(self, code: Code, op: ir.Item) -> Values:
        name = self._name(code, op.value)
        parts = self._parts(code, op.key)
        origin = self._inference.values(code, op.value)
        if any(isinstance(value, ClassValue) for value in origin):
            given = tuple(self.values(code, part) for part in parts)
            return union(tuple(self._holding(v.code, given) if isinstance(v, ClassValue) else UNKNOWN for v in origin))
        if name == "Annotated":
            return self.values(code, parts[0]) if parts else UNKNOWN_VALUES
        if name in _WRAPPERS:
            return union(*(self.values(code, part) for part in parts))
        if name in ("type", "Type"):
            return self._classes(code, parts[0])
        if name in _ITEMS:
            return (ItemsOf(self.values(code, parts[0])),)
        if name in _MAPPINGS:
            return (MappingOf(self.values(code, parts[-1]), (), telling(self.values(code, parts[0]))),)
        if name in _AWAITABLES:
            return (Awaitable(self.values(code, parts[-1])),)
        if name in ("tuple", "Tuple"):
            if len(parts) == 2 and isinstance(code.scope.ops[parts[1]], ir.Constant):
                return (ItemsOf(self.values(code, parts[0])),)
            return (TupleOf(tuple(self.values(code, part) for part in parts)),)
        if name in _OPAQUE:
            return UNKNOWN_VALUES
        arguments = tuple(self.values(code, part) for part in parts)
        return union(*(self._of_generic(value, arguments) for value in origin))

    def _of_generic(self, value: Value, arguments: tuple[Values, ...]) -> Values:
        """What another package's generic type says: an instance of it, or its argument where it only marks that."""
        if not isinstance(value, External):
            return UNKNOWN_VALUES
        name = self._inference.facts.canonical(value.name)
        marker = self._inference.facts.functions.get(name)
        if marker is not None and marker[0].returns == "arg0":
            return arguments[0]
        return (ExternalInstance(name, arguments),)

    def _holding(self, cls: Code, arguments: tuple[Values, ...]) -> Instance:
        """An instance of a generic class of the program: its constructor and fields were given the type arguments."""
        named = dict(zip(self._type_parameters(cls), arguments, strict=False))
        environment: list[tuple[Key, Values]] = []
        for method in self._inference.classes.methods(cls) if named else ():
            if method.scope.name == "__init__":
                for parameter in method.scope.parameters:
                    given = named.get(self._name(cls, parameter.annotation))
                    environment += [((method, parameter.name), given)] if given else []
        for field, bindings in cls.scope.bindings.items() if named else ():
            given = named.get(self._name(cls, bindings[-1].annotation))
            environment += [((cls, field), given)] if given else []
        return Instance(cls, limited(tuple(environment)))

    def held_by_bases(self, cls: Code) -> Environment:
        """What the generic classes that a class derives from hold: ``class Orders(Service[Repository])``."""
        known = self._held.get(cls)
        if known is None:
            self._held[cls] = ()
            known = self._held[cls] = tuple(self._find_held(cls))
        return known

    def _find_held(self, cls: Code) -> Iterator[tuple[Key, Values]]:
        for base in cls.scope.bases if cls.parent is not None else ():
            op = cls.parent.scope.ops[base] if cls.parent is not None else None
            if isinstance(op, ir.Item) and cls.parent is not None:
                for value in self.values(cls.parent, base):
                    if isinstance(value, Instance):
                        yield from (pair for pair in value.environment if is_known(pair[1]))
                        yield from self.held_by_bases(value.code)

    def _type_parameters(self, cls: Code) -> tuple[str, ...]:
        """The type variables of a class, in order: those of ``Generic[…]``, else those its bases are given."""
        parent = cls.parent
        if parent is None:
            return ()
        names: list[str] = []
        for base in cls.scope.bases:
            op = parent.scope.ops[base]
            if isinstance(op, ir.Item):
                own = [self._name(parent, part) for part in self._parts(parent, op.key)]
                if self._name(parent, op.value) == "Generic":
                    return tuple(own)
                names += own
        return tuple(dict.fromkeys(names))

    def _classes(self, code: Code, index: int) -> Values:
        found = self._inference.values(code, index)
        if not is_known(found):
            return UNKNOWN_VALUES
        children = self._inference.classes.children
        return tuple(
            ClassValue(value.code, True) if isinstance(value, ClassValue) and children(value.code) else value
            for value in found
        )

    # -- type expressions of knowledge files

    def text(self, text: str, receiver: Value | None = None, arguments: tuple[Values, ...] = ()) -> Values:
        """What a type expression of a knowledge file says; see ``docs/knowledge.md``."""
        return self._from_node(_parsed(text.replace("$", "_dollar_")), receiver, arguments)

    def _from_node(self, node: ast.expr, receiver: Value | None, arguments: tuple[Values, ...]) -> Values:
        if isinstance(node, ast.BinOp):
            return union(
                self._from_node(node.left, receiver, arguments), self._from_node(node.right, receiver, arguments)
            )
        if isinstance(node, ast.Call):
            called = self._from_node(node.func, receiver, arguments)
            return self._inference.calls.plain_result(called)
        if isinstance(node, ast.Subscript):
            return self._from_subscript(node, receiver, arguments)
        return self._from_name(ast.unparse(node), receiver, arguments)

    def _from_name(self, name: str, receiver: Value | None, arguments: tuple[Values, ...]) -> Values:
        if name == "self":
            return (receiver,) if receiver is not None else UNKNOWN_VALUES
        if name.startswith("arg") and name[3:].isdigit():
            position = int(name[3:])
            return arguments[position] if position < len(arguments) else UNKNOWN_VALUES
        if name.startswith("_dollar_"):
            given = receiver.arguments if isinstance(receiver, ExternalInstance) else ()
            position = int(name.removeprefix("_dollar_"))
            return given[position] if position < len(given) else UNKNOWN_VALUES
        if name == "None":
            return (Literal("none", "None"),)
        if name in ("Any", "object"):
            return UNKNOWN_VALUES
        return (ExternalInstance(self._inference.facts.canonical(name)),)

    def _from_subscript(self, node: ast.Subscript, receiver: Value | None, arguments: tuple[Values, ...]) -> Values:
        name = ast.unparse(node.value)
        inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        parts = [self._from_node(part, receiver, arguments) for part in inner]
        match name:
            case "list" | "Iterator" | "set" | "Iterable" | "AsyncIterator" | "Sequence":
                return (ItemsOf(parts[0]),)
            case "dict":
                return (MappingOf(parts[-1], (), telling(parts[0])),)
            case "tuple":
                return (TupleOf(tuple(parts)),)
            case "Awaitable":
                return (Awaitable(parts[0]),)
            case "instance":
                classes = tuple(value for value in parts[0] if isinstance(value, (ClassValue, External)))
                return self.instances(classes or parts[0])
            case "type":
                return tuple(_class_of(value) for value in parts[0])
            case _:
                return (ExternalInstance(self._inference.facts.canonical(name), tuple(parts)),)


def _class_of(value: Value) -> Value:
    if isinstance(value, ExternalInstance):
        return External(value.name)
    return ClassValue(value.code) if isinstance(value, Instance) else Unknown()


@functools.cache
def _parsed(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body
