"""What parameters may be: their declared types, what a framework injects, or a symbol that callers settle."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.engine import ir
from archwise.engine.values import (
    NOTHING,
    UNKNOWN_VALUES,
    ClassValue,
    External,
    ExternalMethod,
    FunctionValue,
    Instance,
    ItemsOf,
    Literal,
    MappingOf,
    Self,
    Symbolic,
    Unknown,
    Value,
    Values,
    is_known,
)

if TYPE_CHECKING:
    from archwise.engine.inference import Inference
    from archwise.engine.program import Code


class Parameters:
    """Evaluates parameters."""

    def __init__(self, inference: Inference) -> None:
        self._inference = inference
        self._open: dict[Code, tuple[tuple[int, ir.Parameter], ...]] = {}
        self._values: dict[tuple[Code, str], Values] = {}

    def of(self, code: Code, parameter: ir.Parameter) -> Values:
        """What a parameter may be: its declared type where that settles it, else the symbol of it."""
        key = code, parameter.name
        found = self._values.get(key)
        if found is None:
            self._values[key] = (Symbolic(code, parameter.name),)
            found = self._values[key] = self._parameter(code, parameter)
        return found

    def _parameter(self, code: Code, parameter: ir.Parameter) -> Values:
        if parameter.kind == "args":
            return (Symbolic(code, "*"),)
        if parameter.kind == "kwargs" or code.parent is None:
            return UNKNOWN_VALUES
        if parameter is code.scope.parameters[0] and code.owner is not None and parameter.kind == "positional":
            receiver = self.receiver(code, code.owner)
            if receiver is not None:
                return (receiver,)
        injected = self._injected(code, parameter)
        declared = self.annotated(code, parameter)
        if injected and not any(isinstance(value, (Symbolic, Unknown, ExternalMethod)) for value in injected):
            return declared if self._says_more(declared, injected) else injected
        if is_known(declared) and all(self.settles(value) for value in declared):
            return declared
        if injected:
            return declared if is_known(declared) else injected
        return (Symbolic(code, parameter.name),)

    def _says_more(self, declared: Values, injected: Values) -> bool:
        """Whether a parameter is declared to be of a class that derives from what its dependency seems to give."""
        given = [value.code for value in injected if isinstance(value, Instance)]
        if not given or len(given) < len(injected):
            return False
        return all(
            isinstance(value, Instance)
            and value.code not in given
            and any(base in self._inference.classes.order(value.code) for base in given)
            for value in declared
        )

    def open(self, code: Code) -> tuple[tuple[int, ir.Parameter], ...]:
        """The parameters, with their positions, that a call must settle."""
        found = self._open.get(code)
        if found is None:
            first = 1 if code.owner is not None and "static" not in self._inference.decorators.kinds(code) else 0
            found = self._open[code] = tuple(
                (position, parameter)
                for position, parameter in enumerate(code.scope.parameters)
                if position >= first
                and parameter.kind in ("positional", "keyword")
                and any(isinstance(value, Symbolic) for value in self.of(code, parameter))
            )
        return found

    def default(self, code: Code, parameter: ir.Parameter) -> Values:
        """What a parameter is where a call leaves it out, if that was made before: ``out=sys.stdout``."""
        parent = code.parent
        if parent is None or not parameter.default or isinstance(parent.scope.ops[parameter.default], ir.Call):
            return NOTHING
        return self._inference.values(parent, parameter.default)

    def keyword(self, code: Code, index: int, name: str) -> Values:
        """The symbol of what callers give under a name, where an operation reads a function's ``**kwargs``."""
        return tuple(Symbolic(code, "**", (f"[{name}]",)) for _ in self.keywords(code, index))

    def keywords(self, code: Code, index: int) -> Values:
        """The symbol of a function's ``**kwargs``, where an operation reads that."""
        op = code.scope.ops[index]
        if isinstance(op, ir.Name) and op.id not in code.scope.bindings:
            for parameter in code.scope.parameters:
                if parameter.name == op.id and parameter.kind == "kwargs":
                    return (Symbolic(code, "**"),)
        return NOTHING

    def declared(self, code: Code, parameter: ir.Parameter) -> Values:
        """What a parameter's annotation says, or else its default."""
        found = self.annotated(code, parameter)
        if not is_known(found) and parameter.default and code.parent is not None:
            default = self._inference.values(code.parent, parameter.default)
            return default if is_known(default) else found
        return found

    def annotated(self, code: Code, parameter: ir.Parameter) -> Values:
        """What a parameter's annotation says."""
        if code.parent is None or not parameter.annotation:
            return UNKNOWN_VALUES
        found = self._inference.annotations.values(code.parent, parameter.annotation)
        return tuple(v for v in found if not isinstance(v, Literal)) or found

    def _injected(self, code: Code, parameter: ir.Parameter) -> Values:
        parent = code.parent
        if parent is None:
            return NOTHING
        found = self.injection(parent, parameter.default) if parameter.default else NOTHING
        if not found and parameter.annotation:
            found = self._inference.annotations.injected(parent, parameter.annotation)
        return found if is_known(found) else NOTHING

    def injection(self, code: Code, index: int) -> Values:
        """What ``Depends(f)`` or ``Provide[f]`` provides; nothing where the operation is neither."""
        op = code.scope.ops[index]
        if isinstance(op, ir.Item):
            injector, given = op.value, op.key
        elif isinstance(op, ir.Call) and op.arguments:
            injector, given = op.function, op.arguments[0]
        else:
            return NOTHING
        for value in self._inference.values(code, injector):
            if isinstance(value, External):
                function = self._inference.facts.functions.get(self._inference.facts.canonical(value.name))
                if function is not None and function[0].returns == "arg0()":
                    nested = self.injection(code, given) if isinstance(code.scope.ops[given], ir.Item) else NOTHING
                    return nested or self._inference.protocols.injected(self._inference.values(code, given))
        return NOTHING

    def receiver(self, code: Code, owner: Code) -> Value | None:
        kinds = self._inference.decorators.kinds(code)
        if "static" in kinds:
            return None
        if "class" in kinds or code.scope.name in ("__new__", "__init_subclass__", "__class_getitem__"):
            return ClassValue(owner)
        return Self(code, owner)

    def settles(self, value: Value) -> bool:
        """Whether an annotated value says all there is to know."""
        if isinstance(value, (Unknown, Symbolic)):
            return False
        if isinstance(value, Instance):
            return (
                not self._inference.classes.children(value.code)
                and not self._inference.classes.is_protocol(value.code)
                and not self._is_open(value.code)
            )
        if isinstance(value, ItemsOf):
            return bool(value.items) and all(self.settles(item) for item in value.items)
        if isinstance(value, MappingOf):
            return bool(value.items) and all(self.settles(item) for item in value.items)
        return True

    def _is_open(self, cls: Code) -> bool:
        """Whether instances differ by what their constructor was given."""
        owner = self._inference.classes.defining(cls, "__init__")
        if owner is None:
            return False
        for value in self._inference.names.read(owner, "__init__", 0, len(owner.scope.ops)):
            if isinstance(value, FunctionValue):
                for parameter in value.code.scope.parameters[1:]:
                    if any(isinstance(v, Symbolic) for v in self.of(value.code, parameter)):
                        return True
        return False


def variadic(code: Code) -> int | None:
    """How many parameters stand before ``*args`` or ``**kwargs``; None where there is neither."""
    parameters = code.scope.parameters
    if all(parameter.kind not in ("args", "kwargs") for parameter in parameters):
        return None
    return sum(parameter.kind == "positional" for parameter in parameters)
