"""Reads what binds names: targets, patterns, parameters, imports."""

import ast
from abc import ABC, abstractmethod
from collections.abc import Iterator

from archwise.engine import ir
from archwise.engine.guards import entry, text_of
from archwise.engine.scopes import Scopes, place_of

_WHOLE = frozenset({"bool", "bytearray", "bytes", "dict", "float", "frozenset", "int", "list", "set", "str", "tuple"})
"""The classes whose patterns match the object itself by position: https://peps.python.org/pep-0634/#class-patterns"""


class Bindings(Scopes, ABC):
    """The part of the reader that binds; what the bound values are is read by its expressions."""

    @abstractmethod
    def expression(self, node: ast.expr) -> int:
        """The index of an expression's operation."""

    def annotation(self, node: ast.expr | None) -> int:
        if node is None:
            return 0
        outer, self.in_annotation = self.in_annotation, True
        value = self.expression(node)
        self.in_annotation = outer
        return value

    def assign(self, target: ast.expr, value: int, annotation: int = 0) -> None:
        if isinstance(target, ast.Name):
            self.bind(target.id, value, annotation)
        elif isinstance(target, ast.Attribute):
            base = self.expression(target.value)
            self.scope.stores.append(ir.Store(base, target.attr, value, annotation, self.block, False))
            self.add(ir.Operation(f"{target.attr}=", base, value, self.block, *place_of(target)))
            if self.scope.guards:
                self.scope.note_store(text_of(target), self.block)
        elif isinstance(target, (ast.Tuple, ast.List)):
            starred = False
            for position, part in enumerate(target.elts):
                starred |= isinstance(part, ast.Starred)
                self.assign(part, self.add(ir.Unpack(value, -1 if starred else position)))
        elif isinstance(target, ast.Starred):
            self.assign(target.value, self.add(ir.Display("list", (value,))))
        elif isinstance(target, ast.Subscript):
            base, key = self.expression(target.value), self.expression(target.slice)
            found = self.ops[key]
            name = found.text if isinstance(found, ir.Constant) and found.kind == "str" else ""
            self.scope.stores.append(ir.Store(base, name, value, 0, self.block, True))
            self.add(ir.Operation("__setitem__", base, value, self.block, *place_of(target)))
            if self.scope.guards and name:
                self.scope.note_store(entry(text_of(target.value), name), self.block)

    def pattern(self, pattern: ast.pattern, subject: int) -> int:
        """Binds the names of a pattern; what it matched is the subject, or an object of the class that it names."""
        if isinstance(pattern, ast.MatchAs):
            subject = self.pattern(pattern.pattern, subject) if pattern.pattern else subject
            if pattern.name:
                self.bind(pattern.name, subject)
        elif isinstance(pattern, ast.MatchClass):
            return self._class_pattern(pattern, subject)
        elif isinstance(pattern, ast.MatchSequence):
            starred = False
            for position, part in enumerate(pattern.patterns):
                starred |= isinstance(part, ast.MatchStar)
                if _binds(part):
                    self.pattern(part, self.add(ir.Unpack(subject, -1 if starred else position)))
        elif isinstance(pattern, ast.MatchOr):
            return self.add(ir.Either(tuple(self.pattern(part, subject) for part in pattern.patterns)))
        elif isinstance(pattern, ast.MatchMapping):
            for key, part in zip(pattern.keys, pattern.patterns, strict=True):
                if _binds(part):
                    found = ir.Item(subject, self.expression(key), self.block, *place_of(part))
                    self.pattern(part, self.add(found))
        elif isinstance(pattern, ast.MatchStar) and pattern.name:
            self.bind(pattern.name, self.add(ir.Display("list", (subject,))))
        return subject

    def _class_pattern(self, pattern: ast.MatchClass, subject: int) -> int:
        parts = [*pattern.patterns, *pattern.kwd_patterns]
        matched = self.add(ir.Raised(self.expression(pattern.cls)))
        for position, part in enumerate(parts):
            if not _binds(part):
                continue
            if position >= len(pattern.patterns):
                name = pattern.kwd_attrs[position - len(pattern.patterns)]
                self.pattern(part, self.add(ir.Attribute(matched, name, self.block, *place_of(part))))
            elif isinstance(pattern.cls, ast.Name) and pattern.cls.id in _WHOLE:
                self.pattern(part, matched)
            else:
                self.pattern(part, self.add(ir.Unpack(matched, position)))
        return matched

    def parameters(self, node: ast.arguments) -> tuple[ir.Parameter, ...]:
        if not (node.args or node.kwonlyargs or node.vararg or node.kwarg or node.posonlyargs):
            return ()
        plain = node.posonlyargs + node.args
        missing = len(plain) - len(node.defaults)
        found = [
            ir.Parameter(
                argument.arg,
                self.annotation(argument.annotation),
                self.expression(node.defaults[position - missing]) if position >= missing else 0,
                "positional",
            )
            for position, argument in enumerate(plain)
        ]
        if node.vararg:
            found.append(ir.Parameter(node.vararg.arg, self.annotation(node.vararg.annotation), 0, "args"))
        for argument, default in zip(node.kwonlyargs, node.kw_defaults, strict=True):
            value = self.expression(default) if default else 0
            found.append(ir.Parameter(argument.arg, self.annotation(argument.annotation), value, "keyword"))
        if node.kwarg:
            found.append(ir.Parameter(node.kwarg.arg, self.annotation(node.kwarg.annotation), 0, "kwargs"))
        return tuple(found)

    def import_(self, node: ast.Import) -> None:
        for alias in node.names:
            module = alias.name if alias.asname else alias.name.partition(".")[0]
            self.imports.add(alias.name.partition(".")[0])
            self.bind(alias.asname or module, self.add(ir.Import(module, "", 0, self.block, node.lineno)))
            if not alias.asname and module != alias.name:
                self.add(ir.Import(alias.name, "", 0, self.block, node.lineno))

    def import_from(self, node: ast.ImportFrom) -> None:
        module = node.module or ""
        if not node.level:
            self.imports.add(module.partition(".")[0])
        for alias in node.names:
            op = self.add(ir.Import(module, alias.name, node.level, self.block, node.lineno))
            if alias.name == "*":
                self.scope.stars.append(op)
            else:
                self.bind(alias.asname or alias.name, op)

    def global_(self, node: ast.Global | ast.Nonlocal) -> None:
        self.scope.globals.extend(node.names)


def names_bound(target: ast.expr) -> Iterator[str]:
    """The names that an assignment to a target binds."""
    if isinstance(target, ast.Name):
        yield target.id
    elif isinstance(target, (ast.Tuple, ast.List)):
        for part in target.elts:
            yield from names_bound(part)
    elif isinstance(target, ast.Starred):
        yield from names_bound(target.value)


def _binds(pattern: ast.pattern) -> bool:
    """Whether a pattern gives something a name."""
    return any(isinstance(part, (ast.MatchAs, ast.MatchStar)) and part.name for part in ast.walk(pattern))
