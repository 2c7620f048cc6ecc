"""What a name means where it is read: local flow, closures, modules, imports, built-ins."""

from __future__ import annotations

import builtins
import sys
from typing import TYPE_CHECKING

from archwise.engine import ir
from archwise.engine.asked import made_when_asked
from archwise.engine.containers import CONTAINERS
from archwise.engine.returns import flows
from archwise.engine.values import (
    NOTHING,
    UNKNOWN_VALUES,
    External,
    ExternalInstance,
    FunctionValue,
    Instance,
    Literal,
    ModuleValue,
    Namespace,
    Self,
    Symbolic,
    Values,
    is_known,
    is_vague,
    union,
)

if TYPE_CHECKING:
    from archwise.engine.inference import Inference
    from archwise.engine.program import Code, Module

_BUILTINS = frozenset(dir(builtins))
END = sys.maxsize


class Names:
    """Looks names up."""

    def __init__(self, inference: Inference) -> None:
        self._inference = inference
        self._module_names: dict[tuple[Module, str], Values | None] = {}
        self._outer_writes: dict[Module, dict[tuple[str, Code | None], list[tuple[Code, ir.Binding]]]] = {}

    def read(self, code: Code, name: str, block: int, order: int) -> Values:
        """What ``name`` may be where the operation ``order`` reads it."""
        found = self._lookup(code, name, block, order)
        if name in code.tested:
            found = self.narrow(code, name, block, found)
        return found

    def narrow(self, code: Code, path: str, block: int, values: Values) -> Values:
        """The alternatives that the conditions around a block leave."""
        blocks = code.scope.blocks
        while block >= 0:
            for test in blocks[block].tests:
                if test.path == path:
                    values = self._tested(code, test, values)
                elif test.kind == "none" and test.path.rpartition(".")[0] == path:
                    values = self._lacking(test.path.rpartition(".")[2], values)
            block = blocks[block].parent
        return values

    def _lacking(self, name: str, values: Values) -> Values:
        """The alternatives that may lack a method: ``if hasattr(writer, "flush"): … return``."""
        raw = self._inference.classes.raw
        return tuple(v for v in values if not any(isinstance(m, FunctionValue) for m in raw(v, name))) or UNKNOWN_VALUES

    def _tested(self, code: Code, test: ir.Test, values: Values) -> Values:
        if test.kind in ir.FLOWING:
            return tuple(value for value in values if flows(test.kind, value) is not False) or UNKNOWN_VALUES
        if test.kind not in ("is", "is-not"):
            return values
        types = self._inference.annotations.instances(self._inference.values(code, test.operand))
        if test.kind == "is-not":
            wrong = {_type_of(value) for value in types}
            return (
                tuple(value for value in values if _type_of(value) is None or _type_of(value) not in wrong)
                or UNKNOWN_VALUES
            )
        if not is_known(types):
            return values
        fitting = tuple(value for value in values if any(self._inference.classes.fits(value, type_) for type_ in types))
        return fitting or types

    def _lookup(self, code: Code, name: str, block: int, order: int) -> Values:
        scope = code.scope
        if name in scope.globals:
            return self._outer(code, name)
        bindings = scope.bindings.get(name)
        parameter = None
        for candidate in scope.parameters:
            if candidate.name == name:
                parameter = candidate
        if bindings:
            if scope.kind == "module":
                return self.of_module(code.module, name) if order == END else self._local(code, name, block, order)[0]
            found, complete = self._local(code, name, block, order)
            if name in code.module.rebound and not is_known(found):
                found = union(found, self._written(code.module, name, code))
            if not complete and parameter is not None:
                found = union(self._inference.parameters.of(code, parameter), found)
            elif not complete and scope.kind == "class":
                found = union(found, self._outer(code, name))
            return found
        if parameter is not None:
            return self._inference.parameters.of(code, parameter)
        return self._outer(code, name)

    def _outer(self, code: Code, name: str) -> Values:
        parent = code.parent
        while parent is not None and parent.parent is not None:
            if parent.scope.kind != "class" and (
                name in parent.scope.bindings or any(p.name == name for p in parent.scope.parameters)
            ):
                return self._lookup(parent, name, 0, END)
            parent = parent.parent
        found = self.of_module(code.module, name)
        if found:
            return found
        if name in _BUILTINS:
            return (External(f"builtins.{name}"),)
        return self._lent(code.module, name) or self._inference.classes.set_on_loaded(name) or UNKNOWN_VALUES

    def _lent(self, module: Module, name: str) -> Values:
        """What ``from package import *`` of another package brings by a name that is known there."""
        for star in reversed(module.code.scope.stars):
            op = module.code.scope.ops[star]
            if isinstance(op, ir.Import) and not op.level and self._inference.facts.knows(f"{op.module}.{name}"):
                return (External(f"{op.module}.{name}"),)
        return NOTHING

    def _local(self, code: Code, name: str, block: int, order: int) -> tuple[Values, bool]:
        """The values of the bindings that reach a reading, and whether one of them surely does."""
        found, complete = reaching(code.scope, name, block, order)
        if len(found) == 1:
            return self.bound(code, found[0]), complete
        return union(*(self.bound(code, binding) for binding in found)), complete

    def bound(self, code: Code, binding: ir.Binding) -> Values:
        """What a binding gives its name."""
        found = self._inference.values(code, binding.value)
        vague = bool(binding.annotation) and (is_vague(found) or self._is_undescribed(found))
        if binding.annotation and (vague or _is_left_open(found, code) or self._are_proxies(found)):
            declared = self._inference.annotations.values(code, binding.annotation)
            if vague:
                found = self._inference.annotations.over(declared, found)
            elif is_known(declared) and (_is_left_open(found, code) or not self._fit(found, declared)):
                return declared
        if len(found) == 1 and type(found[0]) in CONTAINERS:
            return self._inference.containers.filled(code, binding, found)
        return found

    def _is_undescribed(self, values: Values) -> bool:
        """Whether values are attributes of other packages' objects that no facts speak of: ``request.app.state.db``."""
        facts = self._inference.facts
        return all(
            isinstance(value, External) and value.name.count(".") > 1 and not facts.knows(facts.canonical(value.name))
            for value in values
        )

    def _fit(self, values: Values, types: Values) -> bool:
        return any(self._inference.classes.fits(value, type_) for value in values for type_ in types)

    def _are_proxies(self, values: Values) -> bool:
        """Whether values find their attributes as they are asked for; then the annotation says what they stand for."""
        return all(
            isinstance(value, Instance) and self._inference.classes.defining(value.code, "__getattr__") is not None
            for value in values
        )

    # -- modules

    def of_module(self, module: Module, name: str) -> Values:
        """What a module's name may be once the program runs; nothing where the module has no such name."""
        key = module, name
        if key in self._module_names:
            return self._module_names[key] or NOTHING
        self._module_names[key] = None
        found = self._find_in_module(module, name)
        self._module_names[key] = found
        return found

    def _find_in_module(self, module: Module, name: str) -> Values:
        code = module.code
        bindings = code.scope.bindings.get(name)
        groups: list[Values] = []
        if bindings:
            groups.append(self._local(code, name, 0, END)[0])
            if not is_known(groups[0]):
                groups = [self._written(module, name), self._inference.classes.set_on_module(module, name), *groups]
        else:
            for star in reversed(code.scope.stars):
                found = self._star(module, code.scope.ops[star], name)
                if found:
                    groups.append(found)
                    break
        found = union(*groups)
        if found:
            return found
        written = self._written(module, name) or self._inference.classes.set_on_module(module, name)
        if written:
            return written
        child = f"{module.name}.{name}" if module.name else name
        if module.is_package and module.program.exists(child):
            return self.module_or_folder(module, child, child)
        return made_when_asked(self._inference, module, name)

    def _written(self, module: Module, name: str, owner: Code | None = None) -> Values:
        """What functions assign to a name they declare ``global``; ``nonlocal`` to that of a function, the owner."""
        writes = self._outer_writes.get(module)
        if writes is None:
            writes = self._outer_writes[module] = {}
            for code in module.codes:
                for written in code.scope.globals:
                    key = written, _function_around(code, written)
                    for binding in code.scope.bindings.get(written, ()):
                        writes.setdefault(key, []).append((code, binding))
        found = union(*(self.bound(code, binding) for code, binding in writes.get((name, owner), ())))
        return tuple(Instance(value.cls) if isinstance(value, Self) and owner is None else value for value in found)

    def _star(self, module: Module, op: ir.AnyOp, name: str) -> Values:
        if not isinstance(op, ir.Import):
            return NOTHING
        full = module.program.absolute(module, op.level, op.module)
        source = module.program.modules.get(full) if full is not None else None
        if source is None or source is module:
            return NOTHING
        exports = source.summary.exports
        if exports is None and name.startswith("_"):
            return NOTHING
        return self.of_module(source, name)

    def module_or_folder(self, importer: Module, full: str, imported: str) -> Values:
        """The module or folder of this full name; what another package may hold by that name, where there is none."""
        module = importer.program.modules.get(full)
        if module is not None:
            return (ModuleValue(module),)
        if full in importer.program.folders:
            return (Namespace(full, imported),)
        return UNKNOWN_VALUES

    def imported(self, module: Module, op: ir.Import) -> Values:
        """What an import binds."""
        program = module.program
        full = program.absolute(module, op.level, op.module)
        if full is None or not (op.level or program.exists(full) or program.is_in_package(full)):
            return UNKNOWN_VALUES if op.level else (External(f"{op.module}.{op.name}" if op.name else op.module),)
        if not op.name:
            return self.module_or_folder(module, full, op.module)
        source = program.modules.get(full)
        child = f"{full}.{op.name}" if full else op.name
        if source is not None:
            found = self.of_module(source, op.name) if source is not module or source.is_package else NOTHING
            if found:
                return found
            return self.module_or_folder(module, child, child)
        if program.exists(child):
            return self.module_or_folder(module, child, child)
        if not op.level and full in program.folders:
            return (External(f"{op.module}.{op.name}"),)
        return UNKNOWN_VALUES

    def module_called(self, importer: Module, name: str) -> Values:
        """The module of an absolute dotted name."""
        full = importer.program.resolve(importer, name)
        return self.module_or_folder(importer, full, name) if full is not None else (External(name),)

    def named(self, module: Module, paths: Values) -> Values:
        """What texts name by their dotted paths, as ``package.module.Class`` or ``package.module:Class``."""
        texts = [value.text for value in paths if isinstance(value, Literal) and value.kind == "str"]
        return union(*(self.dotted(module, text.replace(":", ".")) for text in texts))

    def dotted(self, module: Module, path: str) -> Values:
        """What a dotted path in a string stands for: something in a module of the program, or a class that is known."""
        place, _, name = path.rpartition(".")
        full = module.program.resolve(module, place) if place else None
        source = module.program.modules.get(full) if full is not None else None
        if source is not None:
            return self.of_module(source, name)
        return (External(path),) if self._inference.facts.knows(path) else NOTHING


def reaching(scope: ir.Scope, name: str, block: int, order: int) -> tuple[tuple[ir.Binding, ...], bool]:
    """The bindings of a name that reach a reading, in source order, and whether one of them surely does.

    Where none does, it is all of them, unless the name is a parameter's: then it is what was passed that is read.
    """
    bindings = scope.bindings.get(name, ())
    if len(bindings) == 1 and bindings[0].order <= order:
        return bindings, bindings[0].block in (0, block) or bindings[0].block in chain_of(scope, block)
    chain = chain_of(scope, block)
    loops = {index for index in chain if scope.blocks[index].kind in ("loop", "search")}
    found: list[ir.Binding] = []
    later: list[ir.Binding] = []
    complete = False
    for binding in reversed(bindings):
        if binding.order > order:
            if loops:
                later.append(binding)
            continue
        found.append(binding)
        if binding.block in chain:
            complete = True
            loops -= chain_of(scope, binding.block)  # each round of these binds the name anew
            break
    if loops:
        found = [each for each in later if not loops.isdisjoint(chain_of(scope, each.block))] + found
    if not found and all(parameter.name != name for parameter in scope.parameters):
        return bindings, False
    return tuple(reversed(found)), complete


def _function_around(code: Code, name: str) -> Code | None:
    """The nearest function around this one that binds a name; None where it is the module's."""
    outer = code.parent
    while outer is not None and outer.parent is not None:
        if outer.scope.kind == "function" and name in outer.scope.bindings and name not in outer.scope.globals:
            return outer
        outer = outer.parent
    return None


def chain_of(scope: ir.Scope, block: int) -> set[int]:
    """A block and all that it stands in."""
    found = set()
    blocks = scope.blocks
    while block >= 0:
        found.add(block)
        block = blocks[block].parent
    return found


def _is_left_open(values: Values, code: Code) -> bool:
    """Whether a value is what another function is given: its callers say what that is, and not this one's."""
    return any(isinstance(v, Symbolic) and v.code is not code and not v.code.encloses(code) for v in values)


def _type_of(value: object) -> object:
    if isinstance(value, Instance):
        return value.code
    if isinstance(value, ExternalInstance):
        return value.name
    return None
