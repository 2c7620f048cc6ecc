"""Reads what binds names: targets, patterns, parameters, imports."""

import ast
from abc import ABC, abstractmethod
from collections.abc import Iterator

from archwise.engine import ir
from archwise.engine.guards import entry, text_of
from archwise.engine.scopes import Scopes, place_of


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

    def pattern(self, pattern: ast.pattern, subject: int) -> None:
        if isinstance(pattern, ast.MatchAs):
            inner = subject
            if isinstance(pattern.pattern, ast.MatchClass):
                inner = self.add(ir.Raised(self.expression(pattern.pattern.cls)))
            if pattern.pattern:
                self.pattern(pattern.pattern, subject)
            if pattern.name:
                self.bind(pattern.name, inner)
        elif isinstance(pattern, ast.MatchClass):
            for part in [*pattern.patterns, *pattern.kwd_patterns]:
                self.pattern(part, 0)
        elif isinstance(pattern, (ast.MatchSequence, ast.MatchOr)):
            for part in pattern.patterns:
                self.pattern(part, subject if isinstance(pattern, ast.MatchOr) else 0)
        elif isinstance(pattern, ast.MatchMapping):
            for part in pattern.patterns:
                self.pattern(part, 0)
        elif isinstance(pattern, ast.MatchStar) and pattern.name:
            self.bind(pattern.name, 0)

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
