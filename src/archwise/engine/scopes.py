"""A file's scopes while its syntax tree is read, and where in them the reader stands."""

import ast

from archwise.engine import ir

_NOWHERE = -1
_UNKNOWN = ir.Unknown()

Place = tuple[int, int, int]


class ScopeBuilder:
    """A scope while its body is read."""

    def __init__(self, kind: str, name: str, qualname: str, parent: int, node: ast.AST) -> None:
        self.kind, self.name, self.qualname, self.parent = kind, name, qualname, parent
        self.line: int = getattr(node, "lineno", 1)
        self.column: int = getattr(node, "col_offset", 0)
        self.is_async = isinstance(node, ast.AsyncFunctionDef)
        self.is_generator = self.is_stub = self.awaits = False
        self.parameters: tuple[ir.Parameter, ...] = ()
        self.returns_annotation = 0
        self.decorators: tuple[int, ...] = ()
        self.bases: tuple[int, ...] = ()
        self.keywords: tuple[tuple[str, int], ...] = ()
        self.ops: list[ir.AnyOp] = [_UNKNOWN]
        self.bindings: dict[str, list[ir.Binding]] = {}
        self.stores: list[ir.Store] = []
        self.results: list[int] = []
        self.yields: list[int] = []
        self.discarded: list[int] = []
        self.blocks: list[tuple[int, str, tuple[ir.Test, ...]]] = [(_NOWHERE, "scope", ())]
        self.handlers: list[ir.Handler] = []
        self.comparisons = self.arithmetic = 0
        self.guards: dict[int, str] = {}
        self.once: set[int] = set()
        self.passed = 0
        self.globals: list[str] = []
        self.stars: list[int] = []

    def finish(self) -> ir.Scope:
        return ir.Scope(
            self.kind,  # type: ignore[arg-type]  # the builder is only ever given a scope's kinds
            self.name,
            self.qualname,
            self.parent,
            self.line,
            self.column,
            self.is_async,
            self.is_generator,
            self.is_stub,
            self.awaits,
            self.parameters,
            self.returns_annotation,
            self.decorators,
            self.bases,
            self.keywords,
            tuple(self.ops),
            {name: tuple(bindings) for name, bindings in self.bindings.items()},
            tuple(self.stores),
            tuple(self.results),
            tuple(self.yields),
            tuple(self.discarded),
            tuple(
                ir.Block(parent, kind, tests, index in self.once)  # type: ignore[arg-type]  # kinds are literals where blocks open
                for index, (parent, kind, tests) in enumerate(self.blocks)
            ),
            tuple(self.handlers),
            self.comparisons,
            self.arithmetic,
            tuple(self.globals),
            tuple(self.stars),
        )

    def note_store(self, path: str, block: int) -> None:
        """A value was kept under ``path``: a guard on it around this block lets the block run once.

        A plain name counts where it outlives the scope.
        """
        if "." not in path and path not in self.globals:
            return
        while block >= 0 and self.guards:
            if self.guards.get(block) == path:
                self.once.add(block)
            block = self.blocks[block][0]


class Scopes:
    """What is written down of a file: every reader of its syntax adds to the scope and block it is in."""

    def __init__(self) -> None:
        self.scopes: list[ScopeBuilder] = []
        self.called: dict[str, list[int]] = {}
        self.imports: set[str] = set()
        self.exports: tuple[str, ...] | None = None
        self.index = _NOWHERE
        self.block = 0
        self.in_annotation = False
        self.consumed: ir.BlockKind = "lazy"
        """The kind of block that the next generator makes, by what goes through it."""

    def open_scope(self, kind: str, name: str, qualname: str, node: ast.AST) -> int:
        self.scopes.append(ScopeBuilder(kind, name, qualname, self.index, node))
        self.index = len(self.scopes) - 1
        self.block = 0
        self.scope = self.scopes[-1]
        self.ops = self.scope.ops
        return self.index

    def back_to(self, index: int, block: int) -> None:
        self.index, self.block = index, block
        self.scope = self.scopes[index]
        self.ops = self.scope.ops

    def qualname_of(self, name: str) -> str:
        scope = self.scope
        if scope.kind == "module":
            return name
        if scope.kind == "class":
            return f"{scope.qualname}.{name}"
        return f"{scope.qualname}.<locals>.{name}"

    def add(self, op: ir.AnyOp) -> int:
        self.ops.append(op)
        return len(self.ops) - 1

    def bind(self, name: str, value: int, annotation: int = 0) -> None:
        scope = self.scope
        binding = ir.Binding(value, annotation, self.block, len(self.ops))
        scope.bindings.setdefault(name, []).append(binding)
        if scope.guards:
            scope.note_store(name, self.block)

    def open_block(self, kind: str, tests: tuple[ir.Test, ...] = ()) -> int:
        self.scope.blocks.append((self.block, kind, tests))
        self.block = len(self.scope.blocks) - 1
        return self.block


def place_of(node: ast.expr | ast.stmt | ast.pattern) -> Place:
    """Where an expression, a statement or a pattern begins, and its last line."""
    return node.lineno, node.col_offset, node.end_lineno or node.lineno
