"""Reads statements: the scopes they define, the blocks they open, what they bind."""

import ast
import sys
from collections.abc import Callable

import msgspec

from archwise.engine import ir
from archwise.engine.expressions import Expressions, encodable
from archwise.engine.guards import (
    CALLED,
    is_always,
    is_exit,
    is_lifespan,
    is_main,
    is_never,
    is_without_rounds,
    rounds_of,
    tests_of,
    tests_of_case,
)
from archwise.engine.scopes import place_of
from archwise.engine.tuples import as_class, with_fields

_MOST_PASSED = 24
"""Tests that are kept in mind in what follows them, so that blocks do not nest without end."""
_GROWING = (ast.List, ast.Tuple, ast.ListComp)
"""What is added to a list as it is written: ``self.clients += [client]``."""
Function = ast.FunctionDef | ast.AsyncFunctionDef


class Statements(Expressions):
    """The reader of a whole module: the part that knows each kind of statement."""

    def module(self, tree: ast.Module) -> None:
        self.open_scope("module", "<module>", "", tree)
        self.statements(tree.body)

    def statements(self, body: list[ast.stmt]) -> None:
        outer, passed = self.block, self.scope.passed
        for node in body:
            handler = _STATEMENTS.get(type(node))
            if handler is not None:
                handler(self, node)
            if type(node) is ast.If:
                if is_exit(node.body):
                    self._rest(node.test, False)
                elif node.orelse and is_exit(node.orelse):
                    self._rest(node.test, True)
        self.block, self.scope.passed = outer, passed

    def _rest(self, test: ast.expr, holds: bool) -> None:
        """Notes that the test did not hold in what follows ``if test: return``, or did after ``assert test``."""
        if self.scope.passed >= _MOST_PASSED:
            return
        found, guard = tests_of(test, holds, self)
        tests = tuple(each for each in found if not each.path.endswith(CALLED))
        if tests or guard:
            self.scope.passed += 1
            block = self.open_block("rest", tests)
            if guard:
                self.scope.guards[block] = guard

    def in_block(self, body: list[ast.stmt], kind: str, tests: tuple[ir.Test, ...] = (), guard: str = "") -> int:
        if not body:
            return self.block
        outer = self.block
        block = self.open_block(kind, tests)
        if guard:
            self.scope.guards[block] = guard
        self.statements(body)
        self.block = outer
        return block

    def function(self, node: Function) -> None:
        outer, block = self.index, self.block
        decorators = tuple(self.expression(decorator) for decorator in node.decorator_list)
        parameters = self.parameters(node.args)
        returns = self.annotation(node.returns)
        inner = self.open_scope("function", node.name, self.qualname_of(node.name), node)
        scope = self.scope
        scope.decorators, scope.parameters, scope.returns_annotation = decorators, parameters, returns
        scope.is_stub = _is_stub(node.body)
        self.statements(node.body)
        self.back_to(outer, block)
        self.bind(node.name, self.add(ir.Define(inner)))

    def class_(self, node: ast.ClassDef) -> None:
        node = with_fields(node)
        outer, block = self.index, self.block
        decorators = tuple(self.expression(decorator) for decorator in node.decorator_list)
        bases = tuple(self.expression(base) for base in node.bases)
        keywords = tuple((keyword.arg or "**", self.expression(keyword.value)) for keyword in node.keywords)
        inner = self.open_scope("class", node.name, self.qualname_of(node.name), node)
        self.scope.decorators, self.scope.bases, self.scope.keywords = decorators, bases, keywords
        self.statements(node.body)
        self.back_to(outer, block)
        self.bind(node.name, self.add(ir.Define(inner)))

    def if_(self, node: ast.If) -> None:
        self.condition(node.test)
        tests, guard = tests_of(node.test, True, self)
        if is_never(node.test):
            self.unused(node.body)
        else:
            block = self.in_block(node.body, "main" if is_main(node.test) else "if", tests, guard)
            if is_lifespan(node.test):
                self.scope.once.add(block)
        if is_always(node.test):
            self.unused(node.orelse)
        elif node.orelse:
            tests, guard = tests_of(node.test, False, self)
            self.in_block(node.orelse, "if", tests, guard)

    def unused(self, body: list[ast.stmt]) -> None:
        """Reads what never runs: nothing but whether it makes the function one that yields or awaits."""
        for statement in body:
            for node in ast.walk(statement):
                self.scope.is_generator |= isinstance(node, (ast.Yield, ast.YieldFrom))
                self.scope.awaits |= isinstance(node, ast.Await)

    def while_(self, node: ast.While) -> None:
        outer = self.block
        self.open_block("loop")
        self.condition(node.test)
        tests, _ = tests_of(node.test, True, self)
        if tests:
            self.open_block("loop", tests)
        self.statements(node.body)
        self.block = outer
        self.in_block(node.orelse, "if")

    def for_(self, node: ast.For | ast.AsyncFor) -> None:
        if type(node.iter) is ast.GeneratorExp:
            self.consumed = "loop"
        value = self.expression(node.iter)
        is_async = isinstance(node, ast.AsyncFor)
        self.scope.awaits |= is_async
        element = self.add(ir.Element(value, is_async, self.block, *place_of(node.iter)))
        outer = self.block
        if not is_without_rounds(node.iter):
            self.open_block("loop", rounds_of(node.iter))
            self.assign(node.target, element)
            self.statements(node.body)
        self.block = outer
        self.in_block(node.orelse, "if")

    def leave_loops(self, node: ast.Return | ast.Break) -> None:
        """A loop that may be left early looks for something: its rounds depend on one another."""
        block = self.block
        while block >= 0:
            parent, kind, tests = self.scope.blocks[block]
            if kind == "loop":
                self.scope.blocks[block] = parent, "search", tests
                if isinstance(node, ast.Break):
                    return
            block = parent

    def with_(self, node: ast.With | ast.AsyncWith) -> None:
        is_async = isinstance(node, ast.AsyncWith)
        self.scope.awaits |= is_async
        awaits = not is_async and self.scope.is_async and _awaits(node.body)
        entered: dict[int, ir.Enter] = {}
        for item in node.items:
            value = self.expression(item.context_expr)
            op = ir.Enter(value, is_async, awaits, 0, self.block, *place_of(item.context_expr))
            index = self.add(op)
            entered[index] = op
            if item.optional_vars is not None:
                self.assign(item.optional_vars, index)
        self.statements(node.body)
        for index, op in entered.items():
            self.scope.ops[index] = msgspec.structs.replace(op, until=len(self.scope.ops))

    def try_(self, node: ast.Try | ast.TryStar) -> None:  # type: ignore[name-defined,unused-ignore]
        guarded = self.in_block(node.body, "try")
        for handler in node.handlers:
            outer = self.block
            type_ = self.expression(handler.type) if handler.type else 0
            block = self.open_block("except")
            raised = self.add(ir.Raised(type_)) if handler.name else 0
            if handler.name:
                self.bind(handler.name, raised)
            self.scope.handlers.append(ir.Handler(guarded, block, type_, raised, handler.lineno))
            self.statements(handler.body)
            self.block = outer
        self.in_block(node.orelse, "try")
        self.statements(node.finalbody)

    def match_(self, node: ast.Match) -> None:
        subject = self.expression(node.subject)
        for case in node.cases:
            outer = self.block
            self.open_block("case", tests_of_case(node.subject, case.pattern, self))
            self.pattern(case.pattern, subject)
            if case.guard:
                self.condition(case.guard)
            self.statements(case.body)
            self.block = outer

    def assignment(self, node: ast.Assign) -> None:
        made = as_class(node)
        if made is not None:
            self.class_(made)
            return
        value = self.expression(node.value)
        for target in node.targets:
            self.assign(target, value)
        if self.index == 0 and isinstance(node.targets[0], ast.Name) and node.targets[0].id == "__all__":
            self.exports = _strings(node.value)

    def annotated(self, node: ast.AnnAssign) -> None:
        annotation = self.annotation(node.annotation)
        self.assign(node.target, self.expression(node.value) if node.value else 0, annotation)

    def augmented(self, node: ast.AugAssign) -> None:
        self.scope.arithmetic += 1
        value = self.expression(node.value)
        if isinstance(node.target, ast.Name):
            current = self.add(ir.Name(node.target.id, self.block))
            self.bind(node.target.id, self.add(ir.Either((current, value))))
        elif isinstance(node.target, ast.Attribute) and isinstance(node.value, _GROWING):
            current = self.expression(node.target)
            self.assign(node.target, self.add(ir.Either((current, value))))
        elif isinstance(node.target, ast.Attribute):
            base = self.expression(node.target.value)
            self.add(ir.Operation(f"{node.target.attr}=", base, 0, self.block, *place_of(node.target)))
        elif isinstance(node.target, ast.Subscript):
            self.expression(node.target.value)

    def expression_statement(self, node: ast.Expr) -> None:
        if not isinstance(node.value, ast.Constant):
            value = self.expression(node.value)
            if isinstance(node.value, (ast.Call, ast.Name, ast.Attribute)):
                self.scope.discarded.append(value)

    def return_(self, node: ast.Return) -> None:
        self.leave_loops(node)
        value = self.expression(node.value) if node.value else 0
        if node.value:
            self.scope.results.append(value)
        self.add(ir.Return(value, self.block, *place_of(node)))

    def raise_(self, node: ast.Raise) -> None:
        exception = self.expression(node.exc) if node.exc else 0
        cause = self.expression(node.cause) if node.cause else 0
        self.add(ir.Raise(exception, cause, node.exc is None, self.block, *place_of(node)))

    def assert_(self, node: ast.Assert) -> None:
        self.condition(node.test)
        self._rest(node.test, True)

    def delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            if isinstance(target, ast.Subscript):
                self.expression(target.slice)
                base = self.expression(target.value)
                self.add(ir.Operation("__delitem__", base, 0, self.block, *place_of(target)))
            elif isinstance(target, ast.Attribute):
                self.expression(target.value)


def _strings(node: ast.expr) -> tuple[str, ...] | None:
    if not isinstance(node, (ast.List, ast.Tuple)):
        return None
    return tuple(encodable(p.value) for p in node.elts if isinstance(p, ast.Constant) and isinstance(p.value, str))


def _is_stub(body: list[ast.stmt]) -> bool:
    """Whether a function does nothing but stand for others: ``...``, ``pass``, ``raise NotImplementedError``."""
    for node in body:
        match node:
            case ast.Pass() | ast.Expr(ast.Constant()):
                continue
            case ast.Raise(ast.Name("NotImplementedError") | ast.Call(ast.Name("NotImplementedError"))):
                continue
            case _:
                return False
    return True


def _awaits(body: list[ast.stmt]) -> bool:
    """Whether control may leave for the loop in these statements, nested functions apart."""
    pending: list[ast.AST] = list(body)
    while pending:
        node = pending.pop()
        if isinstance(node, (ast.Await, ast.AsyncFor, ast.AsyncWith)):
            return True
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
            pending.extend(ast.iter_child_nodes(node))
    return False


_STATEMENTS: dict[type, Callable[..., None]] = {
    ast.FunctionDef: Statements.function,
    ast.AsyncFunctionDef: Statements.function,
    ast.ClassDef: Statements.class_,
    ast.Return: Statements.return_,
    ast.Break: Statements.leave_loops,
    ast.Delete: Statements.delete,
    ast.Assign: Statements.assignment,
    ast.AugAssign: Statements.augmented,
    ast.AnnAssign: Statements.annotated,
    ast.For: Statements.for_,
    ast.AsyncFor: Statements.for_,
    ast.While: Statements.while_,
    ast.If: Statements.if_,
    ast.With: Statements.with_,
    ast.AsyncWith: Statements.with_,
    ast.Match: Statements.match_,
    ast.Raise: Statements.raise_,
    ast.Try: Statements.try_,
    ast.TryStar: Statements.try_,
    ast.Assert: Statements.assert_,
    ast.Import: Statements.import_,
    ast.ImportFrom: Statements.import_from,
    ast.Global: Statements.global_,
    ast.Nonlocal: Statements.global_,
    ast.Expr: Statements.expression_statement,
}

if sys.version_info >= (3, 12):

    def _alias(reader: Statements, node: ast.TypeAlias) -> None:
        """``type Orders = list[Order]``."""
        reader.assign(node.name, reader.annotation(node.value))

    _STATEMENTS[ast.TypeAlias] = _alias
