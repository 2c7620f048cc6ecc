"""What a parameter may be when no call says: its declared type and what implements it, its default, its callers."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from archwise.engine import ir
from archwise.engine.arguments import Arguments
from archwise.engine.handed import Handed
from archwise.engine.named_alone import NamedAlone
from archwise.engine.values import (
    UNKNOWN_VALUES,
    ClassValue,
    Environment,
    ExternalMethod,
    FunctionValue,
    Instance,
    MappingOf,
    Method,
    Self,
    Symbolic,
    TupleOf,
    Unknown,
    Value,
    Values,
    is_known,
    union,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archwise.engine.inference import Inference
    from archwise.engine.program import Code

_MOST_CALLERS = 24
_MOST_IMPLEMENTATIONS = 12
_MOST_OWNERS = 3
"""Objects that hold one another, looked through for what the innermost was made with."""


class Fallback:
    """Settles parameters by what the whole program says of them."""

    def __init__(self, inference: Inference) -> None:
        self._inference = inference
        self._known: dict[tuple[Code, str], Values] = {}
        self._symbols: dict[Symbolic, Values] = {}
        self._handed = Handed(inference)
        self._named_alone = NamedAlone(inference)
        self._finding = 0
        """How many parameters are being settled: what is said of others meanwhile is not final."""
        self._held: dict[str, list[str]] | None = None
        self._decorating: dict[str, list[tuple[Code, int]]] | None = None
        self._outside: dict[str, list[tuple[Code, int]]] = {}

    def values(self, symbol: Symbolic) -> Values:
        """What a symbol may be."""
        found = self._symbols.get(symbol)
        if found is None:
            found = self._followed(symbol, _MOST_OWNERS)
            if not self._finding:
                self._symbols[symbol] = found
        return found

    def _followed(self, symbol: Symbolic, owners: int) -> Values:
        """What a symbol may be; what it leaves to those who made the object it was found on, in their terms."""
        found = self._parameter(symbol.code, symbol.name)
        found = self._inference.steps.follow(found, symbol.path) if is_known(found) else UNKNOWN_VALUES
        if not owners or not any(isinstance(value, Symbolic) for value in found):
            return found
        return union(
            *(
                self._followed(value, owners - 1) if isinstance(value, Symbolic) and value != symbol else (value,)
                for value in found
            )
        )

    def annotated(self, symbol: Symbolic) -> Values:
        """What a symbol's parameter is declared to be, where it is given something that could not be seen."""
        for parameter in symbol.code.scope.parameters:
            if parameter.name == symbol.name:
                found = self._inference.parameters.annotated(symbol.code, parameter)
                return self._implementations(found) if is_known(found) else UNKNOWN_VALUES
        return UNKNOWN_VALUES

    def _parameter(self, code: Code, name: str) -> Values:
        key = code, name
        found = self._known.get(key)
        if found is None:
            self._known[key] = UNKNOWN_VALUES
            self._finding += 1
            found = self._known[key] = self._find(code, name)
            self._finding -= 1
        return found

    def _find(self, code: Code, name: str) -> Values:
        if code.scope.kind == "class":
            passed = self._given_fields(code, name)
            return passed if is_known(passed) else self._implementations(self._field(code, name))
        if name == "**":
            return self._given_by_name(code)
        if name == "*":
            return self._given_by_position(code)
        parameter = next((p for p in code.scope.parameters if p.name == name), None)
        if parameter is None:
            return UNKNOWN_VALUES
        if parameter is code.scope.parameters[0] and code.owner is not None and not self._is_static(code):
            return self._receivers(code, code.owner)
        declared = self._inference.parameters.declared(code, parameter)
        passed = self._passed(code, parameter)
        if is_known(passed) and not any(isinstance(value, Unknown) for value in passed):
            return passed
        if is_known(declared) and not any(isinstance(value, Symbolic) for value in declared):
            return self._implementations(declared)
        return passed if is_known(passed) or parameter.annotation else self._customary(name)

    def _is_static(self, code: Code) -> bool:
        return "static" in self._inference.decorators.kinds(code)

    def _customary(self, name: str) -> Values:
        """What libraries pass for a parameter of this name: evidence, not proof."""
        text = self._inference.facts.customary(name)
        return union(self._inference.annotations.text(text), UNKNOWN_VALUES) if text else UNKNOWN_VALUES

    def _given_fields(self, cls: Code, name: str) -> Values:
        """What the program's own calls give a field by its name."""
        groups: list[Values] = []
        for built in (cls, *self._inference.classes.descendants(cls)):
            for caller, index in self._sites(cls, built.scope.name)[:_MOST_CALLERS]:
                op = caller.scope.ops[index]
                given = dict(op.keywords).get(name) if isinstance(op, ir.Call) else None
                if given is not None:
                    groups.append(_closed(self.settled(caller, given)))
        found = union(*groups)
        return found if not any(isinstance(value, Unknown) for value in found) else UNKNOWN_VALUES

    def _field(self, cls: Code, name: str) -> Values:
        annotation = next((b.annotation for b in cls.scope.bindings.get(name, ()) if b.annotation), 0)
        return self._inference.annotations.values(cls, annotation) if annotation else UNKNOWN_VALUES

    def _receivers(self, code: Code, owner: Code) -> Values:
        """Objects whose method this is: of its class, or of one that inherits the method."""
        classes = self._inference.classes
        name = code.scope.name
        found = [cls for cls in (owner, *classes.descendants(owner)) if classes.defining(cls, name) is owner]
        concrete = [cls for cls in found if cls is not owner] or found
        if len(concrete) > _MOST_IMPLEMENTATIONS:
            return UNKNOWN_VALUES
        chosen = concrete if classes.is_protocol(owner) else found
        return tuple(Instance(cls, (), True) for cls in chosen)

    def _implementations(self, declared: Values) -> Values:
        classes = self._inference.classes
        groups: list[Value] = []
        for value in declared:
            if isinstance(value, Instance) and not value.exact:
                found = classes.implementations(value.code)
                if len(found) > _MOST_IMPLEMENTATIONS:
                    return declared
                groups.append(value)
            else:
                groups.append(value)
        return tuple(groups)

    def _passed(self, code: Code, parameter: ir.Parameter) -> Values:
        """What the program's own calls pass for a parameter."""
        if code.scope.name == "__init__" and code.owner is not None:
            return self._constructed(code, code.owner, parameter)
        groups: list[Values] = self._decorated(code, parameter)
        if code.owner is not None and code.scope.name == "initialize":
            groups += self._handed.beside(code.owner, parameter.name)
        if code.owner is not None and "setter" in code.decorator_names:
            assigned = self._inference.classes.assigned(code.owner, code.scope.name)
            groups.append(_closed(union(*(self.values(v) if isinstance(v, Symbolic) else (v,) for v in assigned))))
        sites = self._sites(code, code.scope.name)
        if len(sites) > _MOST_CALLERS:
            return UNKNOWN_VALUES
        for caller, index in sites:
            op = caller.scope.ops[index]
            if isinstance(op, ir.Call):
                for value in self._inference.values(caller, op.function):
                    is_own = self._is_own(value, code)
                    if is_own or _runs(value, code):
                        bound = not self._is_static(code) and (is_own or getattr(value, "receiver", None) is not None)
                        groups.append(self._argument(caller, op, code, parameter, bound))
        if not groups and self._named_alone.is_for_one_base(code):
            meant = self._named_alone.calls(code, sites)
            return union(*(self._argument(at, op, code, parameter, True) for at, op in meant), UNKNOWN_VALUES)
        return union(*groups) if groups else UNKNOWN_VALUES

    def _is_own(self, value: Value, code: Code) -> bool:
        """Whether a value is what a base class calls on its own object, where a class has put this method."""
        if not isinstance(value, Symbolic) or value.path != (f".{code.scope.name}",) or code.owner is None:
            return False
        above, parameters = value.code.owner, value.code.scope.parameters
        is_self = bool(parameters) and parameters[0].name == value.name
        return is_self and above is not None and above in self._inference.classes.order(code.owner)

    def _given_by_name(self, code: Code) -> Values:
        """What the program's own calls give that a function takes up as ``**kwargs``."""
        named: dict[str, Values] = {}
        own = {parameter.name for parameter in code.scope.parameters}
        for caller, op in self._made_by(code):
            for key, value in op.keywords:
                if key not in own:
                    named[key] = union(named.get(key, ()), _closed(self.settled(caller, value)))
        return (MappingOf((), tuple(named.items())),) if named else UNKNOWN_VALUES

    def _given_by_position(self, code: Code) -> Values:
        """What the program's own calls give that a function takes up as ``*args``."""
        first = sum(parameter.kind == "positional" for parameter in code.scope.parameters)
        first -= code.owner is not None and not self._is_static(code)
        groups: list[Values] = []
        for caller, op in self._made_by(code):
            rest = op.arguments[max(first, 0) :]
            groups += [() for _ in rest[len(groups) :]]
            for position, value in enumerate(rest):
                groups[position] = union(groups[position], _closed(self.settled(caller, value)))
        return (TupleOf(tuple(groups)),) if any(map(is_known, groups)) else UNKNOWN_VALUES

    def _made_by(self, code: Code) -> Iterator[tuple[Code, ir.Call]]:
        """The program's own calls of a function, or of the class whose constructor it is."""
        is_constructor = code.scope.name == "__init__" and code.owner is not None
        maker = code.owner if is_constructor else code
        sites = self._sites(code, maker.scope.name) if maker is not None else []
        for caller, index in sites if len(sites) <= _MOST_CALLERS else ():
            op = caller.scope.ops[index]
            if isinstance(op, ir.Call) and (op.keywords or op.arguments):
                called = self._inference.values(caller, op.function)
                if any(getattr(value, "code", None) is maker for value in called):
                    yield caller, op

    def _decorated(self, code: Code, parameter: ir.Parameter) -> list[Values]:
        """The definitions that a function decorates, or a method that is called on an object."""
        position = code.scope.parameters.index(parameter)
        if position > (code.owner is not None):
            return []
        names = {code.scope.name} | ({code.parent.scope.name} if code.parent is not None else set())
        found: list[Values] = []
        for target, index in self._decorators(names):
            parent = target.parent
            if parent is not None and any(
                getattr(v, "code", None) is code and (getattr(v, "receiver", None) is not None) == position
                for v in self._inference.values(parent, index)
            ):
                value: Value = ClassValue(target) if target.scope.kind == "class" else FunctionValue(target)
                found.append((value,))
        return found

    def _decorators(self, names: set[str]) -> list[tuple[Code, int]]:
        if self._decorating is None:
            self._decorating = {}
            for target in self._inference.program.codes():
                for code, index in target.decorators:
                    self._decorating.setdefault(code.callee_name(index), []).append((target, index))
        return [entry for name in sorted(names) for entry in self._decorating.get(name, ())]

    def _constructed(self, code: Code, owner: Code, parameter: ir.Parameter) -> Values:
        classes = self._inference.classes
        built = [cls for cls in (owner, *classes.descendants(owner)) if classes.defining(cls, "__init__") is owner]
        groups = self._delegated(code, owner, parameter)
        for cls in built[:_MOST_IMPLEMENTATIONS]:
            names = sorted({cls.scope.name, *self._aliases(cls), *self._makers(cls)})
            sites = [site for name in names for site in self._sites(code, name)]
            sites += [site for each in classes.order(cls) for site in self._own_calls.get(each, ())]
            if len(sites) > _MOST_CALLERS:
                return UNKNOWN_VALUES
            for caller, index in sites:
                op = caller.scope.ops[index]
                if isinstance(op, ir.Call) and any(_makes(value, cls) for value in self.settled(caller, op.function)):
                    groups.append(self._argument(caller, op, code, parameter, True))
            groups += self._handed.given(cls, parameter.name, code.scope.parameters.index(parameter))
        return union(*groups) if groups else UNKNOWN_VALUES

    @functools.cached_property
    def _own_calls(self) -> dict[Code | str, list[tuple[Code, int]]]:
        """The calls of ``cls(…)`` in the methods of each class, which make objects of it and of what is derived."""
        found: dict[Code | str, list[tuple[Code, int]]] = {}
        for site in self._inference.program.called.get("cls", ()):
            if site[0].owner is not None:
                found.setdefault(site[0].owner, []).append(site)
        return found

    def _makers(self, cls: Code) -> list[str]:
        """The class methods that make an object of a class and that other packages give it: ``Settings.instance()``."""
        facts = self._inference.facts
        bases = self._inference.classes.external_bases(cls)
        return ["instance"] if any(facts.method(base, "instance") is not None for base in bases) else []

    def _delegated(self, code: Code, owner: Code, parameter: ir.Parameter) -> list[Values]:
        """What the constructors of derived classes pass on: ``super().__init__(…)``."""
        groups = []
        for child in self._inference.classes.descendants(owner):
            for caller in self._inference.classes.methods(child):
                if caller.scope.name != "__init__":
                    continue
                for op in caller.scope.ops:
                    if isinstance(op, ir.Call) and any(
                        isinstance(value, (Method, FunctionValue)) and value.code is code
                        for value in self._inference.values(caller, op.function)
                    ):
                        bound = not isinstance(self._inference.values(caller, op.function)[0], FunctionValue)
                        groups.append(self._argument(caller, op, code, parameter, bound))
            if len(groups) >= _MOST_CALLERS:
                break
        return groups

    def settled(self, code: Code, index: int) -> Values:
        """What an operation may give, with what its function's parameters may be."""
        found = self._inference.values(code, index)
        return union(*(self.values(value) if isinstance(value, Symbolic) else (value,) for value in found))

    def _aliases(self, cls: Code) -> list[str]:
        """The names of modules and classes that hold this class: ``node_class = Node``, ``= Type("nodes.Node")``."""
        if self._held is None:
            self._held = {}
            for code in self._inference.program.codes():
                if code.scope.kind in ("class", "module"):
                    for name, bindings in code.scope.bindings.items():
                        for binding in bindings:
                            for held in _named(code.scope.ops, binding.value):
                                if held != name:
                                    self._held.setdefault(held, []).append(name)
        return self._held.get(cls.scope.name, [])

    def _argument(self, caller: Code, op: ir.Call, code: Code, parameter: ir.Parameter, bound: bool) -> Values:
        given = dict(op.keywords).get(parameter.name)
        if given is None and parameter.kind == "positional":
            position = code.scope.parameters.index(parameter) - (1 if bound else 0)
            given = op.arguments[position] if 0 <= position < len(op.arguments) else None
        if given is not None:
            return _closed(self.settled(caller, given)) or UNKNOWN_VALUES
        if op.starred:
            position = code.scope.parameters.index(parameter) - (1 if bound else 0)
            unpacked = Arguments.of(self._inference, caller, op).of_parameter(position, parameter)
            ways = [self.values(v) if isinstance(v, Symbolic) else (v,) for v in unpacked]
            settled = union(*(filter(is_known, ways)))
            if settled:
                return _closed(settled)
        if parameter.default and code.parent is not None:
            return self._inference.values(code.parent, parameter.default)
        return UNKNOWN_VALUES

    def _sites(self, code: Code, name: str) -> list[tuple[Code, int]]:
        """The calls by a name that may be of a function; what tests pass says nothing of the program."""
        called = self._inference.program.called.get(name, [])
        if code.module.is_test:
            return called
        found = self._outside.get(name)
        if found is None:
            found = self._outside[name] = [site for site in called if not site[0].module.is_test]
        return found


def _closed(values: Values) -> Values:
    """The values that need no caller to say what they are; of the object a method runs on, that it is of its class."""
    return tuple(
        Instance(value.cls) if isinstance(value, Self) else value for value in values if not isinstance(value, Symbolic)
    )


def _named(ops: tuple[ir.AnyOp, ...], index: int) -> Iterator[str]:
    """The last identifiers of what a value may be: a name, either of two, a call that is told of a class."""
    op = ops[index]
    if isinstance(op, (ir.Name, ir.Attribute)):
        yield ir.identifier(op)
    elif isinstance(op, ir.Either):
        for option in op.options:
            yield from _named(ops, option)
    elif isinstance(op, ir.Call):
        for given in op.given:
            told = ops[given]
            if isinstance(told, ir.Constant) and told.kind == "str":
                yield told.text.rpartition(".")[2]
            elif isinstance(told, ir.Name):
                yield told.id


def _makes(value: Value, cls: Code) -> bool:
    """Whether calling a value makes an object of a class."""
    if isinstance(value, ExternalMethod):
        return value.instance == ClassValue(cls)
    return getattr(value, "code", None) is cls


def _runs(value: Value, code: Code) -> bool:
    """Whether calling a value runs a function: it is the function, or a wrapper that passes its arguments on."""
    if getattr(value, "code", None) is code:
        return True
    environment: Environment = getattr(value, "environment", ())
    return any(getattr(inner, "code", None) is code for _, values in environment for inner in values)
