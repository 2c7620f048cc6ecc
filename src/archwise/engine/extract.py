"""Makes the summary of one file: one walk over its syntax tree."""

import ast
from collections.abc import Callable, Iterable, Iterator

from archwise.engine import ir
from archwise.engine.guards import is_exit, is_never, tests_of, text_of
from archwise.engine.suppress import suppressions_of

_NONE = -1


def summarise(source: bytes) -> ir.Summary:
    """The summary of a file.

    Raises:
        SyntaxError: the running interpreter cannot parse it.
        ValueError: it holds null bytes.
        RecursionError: it nests too deeply.
        MemoryError: it nests too deeply for the parser.
    """
    tree = ast.parse(source)
    module = _Extractor()
    module.module(tree)
    return ir.Summary(
        tuple(scope.finish() for scope in module.scopes),
        {name: tuple(sites) for name, sites in module.called.items()},
        tuple(sorted(module.imports)),
        module.exports,
        source.count(b"\n") + (not source.endswith(b"\n")),
        source.isascii(),
        suppressions_of(source),
    )


class _ScopeBuilder:
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
        self.ops: list[ir.AnyOp] = [_UNKNOWN]
        self.bindings: dict[str, list[ir.Binding]] = {}
        self.stores: list[ir.Store] = []
        self.results: list[int] = []
        self.yields: list[int] = []
        self.discarded: list[int] = []
        self.blocks: list[tuple[int, str, tuple[ir.Test, ...]]] = [(_NONE, "scope", ())]
        self.guards: dict[int, str] = {}
        self.once: set[int] = set()
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
            tuple(self.ops),
            {name: tuple(bindings) for name, bindings in self.bindings.items()},
            tuple(self.stores),
            tuple(self.results),
            tuple(self.yields),
            tuple(self.discarded),
            tuple(
                ir.Block(parent, kind, tests, index in self.once)  # type: ignore[arg-type]  # kinds are literals below
                for index, (parent, kind, tests) in enumerate(self.blocks)
            ),
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


_UNKNOWN = ir.Unknown()
_CONSTANTS: dict[type, str] = {
    str: "str",
    int: "number",
    float: "number",
    complex: "number",
    bool: "bool",
    type(None): "none",
    bytes: "bytes",
    type(...): "ellipsis",
}
_LONGEST_CONSTANT = 60
_LARGEST = 10**9
_WIDEST_DISPLAY = 64
_OPERATORS: dict[type, str] = {
    ast.Add: "__add__",
    ast.Sub: "__sub__",
    ast.Mult: "__mul__",
    ast.Div: "__truediv__",
    ast.FloorDiv: "__floordiv__",
    ast.Mod: "__mod__",
    ast.Pow: "__pow__",
    ast.LShift: "__lshift__",
    ast.RShift: "__rshift__",
    ast.BitOr: "__or__",
    ast.BitXor: "__xor__",
    ast.BitAnd: "__and__",
    ast.MatMult: "__matmul__",
}
_LIVE = (ast.Name, ast.Attribute, ast.Call, ast.Await, ast.Subscript)
"""Operands whose protocols may run code of the project."""

Function = ast.FunctionDef | ast.AsyncFunctionDef
Place = tuple[int, int, int]


class _Extractor:
    def __init__(self) -> None:
        self.scopes: list[_ScopeBuilder] = []
        self.called: dict[str, list[int]] = {}
        self.imports: set[str] = set()
        self.exports: tuple[str, ...] | None = None
        self.index = _NONE
        self.block = 0
        self.in_annotation = False
        self.eager = False

    # -- scopes

    def module(self, tree: ast.Module) -> None:
        self._open("module", "<module>", "", tree)
        self.statements(tree.body)

    def _open(self, kind: str, name: str, qualname: str, node: ast.AST) -> int:
        self.scopes.append(_ScopeBuilder(kind, name, qualname, self.index, node))
        self.index = len(self.scopes) - 1
        self.block = 0
        self.scope = self.scopes[-1]
        self.ops = self.scope.ops
        return self.index

    def _back_to(self, index: int, block: int) -> None:
        self.index, self.block = index, block
        self.scope = self.scopes[index]
        self.ops = self.scope.ops

    def _qualname(self, name: str) -> str:
        scope = self.scope
        if scope.kind == "module":
            return name
        if scope.kind == "class":
            return f"{scope.qualname}.{name}"
        return f"{scope.qualname}.<locals>.{name}"

    def function(self, node: Function) -> None:
        outer, block = self.index, self.block
        decorators = tuple(self.expression(decorator) for decorator in node.decorator_list)
        parameters = self.parameters(node.args)
        returns = self.annotation(node.returns)
        inner = self._open("function", node.name, self._qualname(node.name), node)
        scope = self.scope
        scope.decorators, scope.parameters, scope.returns_annotation = decorators, parameters, returns
        scope.is_stub = _is_stub(node.body)
        self.statements(node.body)
        self._back_to(outer, block)
        self.bind(node.name, self.add(ir.Define(inner)))

    def class_(self, node: ast.ClassDef) -> None:
        outer, block = self.index, self.block
        decorators = tuple(self.expression(decorator) for decorator in node.decorator_list)
        bases = tuple(self.expression(base) for base in node.bases)
        for keyword in node.keywords:
            self.expression(keyword.value)
        inner = self._open("class", node.name, self._qualname(node.name), node)
        self.scope.decorators, self.scope.bases = decorators, bases
        self.statements(node.body)
        self._back_to(outer, block)
        self.bind(node.name, self.add(ir.Define(inner)))

    def lambda_(self, node: ast.Lambda) -> int:
        outer, block = self.index, self.block
        parameters = self.parameters(node.args)
        inner = self._open("lambda", "<lambda>", self._qualname("<lambda>"), node)
        self.scope.parameters = parameters
        self.scope.results.append(self.expression(node.body))
        self._back_to(outer, block)
        return self.add(ir.Define(inner))

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

    # -- what is written down

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

    # -- statements

    def statements(self, body: list[ast.stmt]) -> None:
        outer = self.block
        for node in body:
            handler = _STATEMENTS.get(type(node))
            if handler is not None:
                handler(self, node)
            if type(node) is ast.If and not node.orelse and is_exit(node.body):
                self._rest(node.test)
        self.block = outer

    def _rest(self, test: ast.expr) -> None:
        """What follows ``if test: return`` runs where the test did not hold."""
        tests, guard = tests_of(test, False, self)
        if tests or guard:
            block = self.open_block("rest", tests)
            if guard:
                self.scope.guards[block] = guard

    def in_block(self, body: list[ast.stmt], kind: str, tests: tuple[ir.Test, ...] = (), guard: str = "") -> None:
        if not body:
            return
        outer = self.block
        block = self.open_block(kind, tests)
        if guard:
            self.scope.guards[block] = guard
        self.statements(body)
        self.block = outer

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

    def condition(self, node: ast.expr) -> int:
        value = self.expression(node)
        if isinstance(node, (ast.Name, ast.Attribute, ast.Call)):
            self.add(ir.Operation("__bool__", value, 0, self.block, *_place(node)))
        return value

    def if_(self, node: ast.If) -> None:
        self.condition(node.test)
        tests, guard = tests_of(node.test, True, self)
        if not is_never(node.test):
            self.in_block(node.body, "if", tests, guard)
        if node.orelse:
            tests, guard = tests_of(node.test, False, self)
            self.in_block(node.orelse, "if", tests, guard)

    def while_(self, node: ast.While) -> None:
        outer = self.block
        self.open_block("loop")
        self.condition(node.test)
        self.statements(node.body)
        self.block = outer
        self.in_block(node.orelse, "if")

    def for_(self, node: ast.For | ast.AsyncFor) -> None:
        self.eager = type(node.iter) is ast.GeneratorExp
        value = self.expression(node.iter)
        is_async = isinstance(node, ast.AsyncFor)
        self.scope.awaits |= is_async
        element = self.add(ir.Element(value, is_async, self.block, *_place(node.iter)))
        outer = self.block
        self.open_block("loop")
        self.assign(node.target, element)
        self.statements(node.body)
        self.block = outer
        self.in_block(node.orelse, "if")

    def with_(self, node: ast.With | ast.AsyncWith) -> None:
        is_async = isinstance(node, ast.AsyncWith)
        self.scope.awaits |= is_async
        awaits = not is_async and self.scope.is_async and _awaits(node.body)
        for item in node.items:
            value = self.expression(item.context_expr)
            entered = self.add(ir.Enter(value, is_async, awaits, self.block, *_place(item.context_expr)))
            if item.optional_vars is not None:
                self.assign(item.optional_vars, entered)
        self.statements(node.body)

    def try_(self, node: ast.Try | ast.TryStar) -> None:  # type: ignore[name-defined,unused-ignore]
        self.in_block(node.body, "try")
        for handler in node.handlers:
            outer = self.block
            type_ = self.expression(handler.type) if handler.type else 0
            self.open_block("except")
            if handler.name:
                self.bind(handler.name, self.add(ir.Raised(type_)))
            self.statements(handler.body)
            self.block = outer
        self.in_block(node.orelse, "try")
        self.statements(node.finalbody)

    def match_(self, node: ast.Match) -> None:
        subject = self.expression(node.subject)
        for case in node.cases:
            outer = self.block
            self.open_block("case")
            self.pattern(case.pattern, subject)
            if case.guard:
                self.condition(case.guard)
            self.statements(case.body)
            self.block = outer

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

    def assign(self, target: ast.expr, value: int, annotation: int = 0) -> None:
        if isinstance(target, ast.Name):
            self.bind(target.id, value, annotation)
        elif isinstance(target, ast.Attribute):
            base = self.expression(target.value)
            self.scope.stores.append(ir.Store(base, target.attr, value, annotation, self.block, False))
            self.add(ir.Operation(f"{target.attr}=", base, value, self.block, *_place(target)))
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
            self.add(ir.Operation("__setitem__", base, value, self.block, *_place(target)))

    def assignment(self, node: ast.Assign) -> None:
        value = self.expression(node.value)
        for target in node.targets:
            self.assign(target, value)
        if self.index == 0 and isinstance(node.targets[0], ast.Name) and node.targets[0].id == "__all__":
            self.exports = _strings(node.value)

    def annotated(self, node: ast.AnnAssign) -> None:
        annotation = self.annotation(node.annotation)
        self.assign(node.target, self.expression(node.value) if node.value else 0, annotation)

    def augmented(self, node: ast.AugAssign) -> None:
        value = self.expression(node.value)
        if isinstance(node.target, ast.Name):
            current = self.add(ir.Name(node.target.id, self.block))
            self.bind(node.target.id, self.add(ir.Either((current, value))))
        elif isinstance(node.target, (ast.Attribute, ast.Subscript)):
            self.expression(node.target.value)

    def expression_statement(self, node: ast.Expr) -> None:
        if not isinstance(node.value, ast.Constant):
            value = self.expression(node.value)
            if isinstance(node.value, (ast.Call, ast.Name, ast.Attribute)):
                self.scope.discarded.append(value)

    def return_(self, node: ast.Return) -> None:
        self.leave_loops(node)
        if node.value:
            self.scope.results.append(self.expression(node.value))

    def raise_(self, node: ast.Raise) -> None:
        for part in (node.exc, node.cause):
            if part:
                self.expression(part)

    def assert_(self, node: ast.Assert) -> None:
        self.condition(node.test)
        tests, _ = tests_of(node.test, True, self)
        if tests:
            self.open_block("rest", tests)

    def delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            if isinstance(target, ast.Subscript):
                self.expression(target.slice)
                base = self.expression(target.value)
                self.add(ir.Operation("__delitem__", base, 0, self.block, *_place(target)))
            elif isinstance(target, ast.Attribute):
                self.expression(target.value)

    def import_(self, node: ast.Import) -> None:
        for alias in node.names:
            module = alias.name if alias.asname else alias.name.partition(".")[0]
            self.imports.add(alias.name.partition(".")[0])
            self.bind(alias.asname or module, self.add(ir.Import(module, "", 0, node.lineno)))
            if not alias.asname and module != alias.name:
                self.add(ir.Import(alias.name, "", 0, node.lineno))

    def import_from(self, node: ast.ImportFrom) -> None:
        module = node.module or ""
        if not node.level:
            self.imports.add(module.partition(".")[0])
        for alias in node.names:
            op = self.add(ir.Import(module, alias.name, node.level, node.lineno))
            if alias.name == "*":
                self.scope.stars.append(op)
            else:
                self.bind(alias.asname or alias.name, op)

    def global_(self, node: ast.Global | ast.Nonlocal) -> None:
        self.scope.globals.extend(node.names)

    # -- expressions

    def expression(self, node: ast.expr) -> int:
        return _EXPRESSIONS.get(type(node), _parts)(self, node)

    def each(self, nodes: Iterable[ast.expr]) -> None:
        for node in nodes:
            self.expression(node)

    def annotation(self, node: ast.expr | None) -> int:
        if node is None:
            return 0
        outer, self.in_annotation = self.in_annotation, True
        value = self.expression(node)
        self.in_annotation = outer
        return value

    def name(self, node: ast.Name) -> int:
        self.ops.append(ir.Name(node.id, self.block))
        return len(self.ops) - 1

    def attribute(self, node: ast.Attribute) -> int:
        value = self.expression(node.value)
        end = node.end_lineno or node.lineno
        self.ops.append(ir.Attribute(value, node.attr, self.block, node.lineno, node.col_offset, end))
        return len(self.ops) - 1

    def constant(self, node: ast.Constant) -> int:
        value = node.value
        if self.in_annotation and isinstance(value, str):
            return self._forward_reference(value)
        kind = _CONSTANTS[type(value)]
        if isinstance(value, str):
            text = _clean(value[:_LONGEST_CONSTANT])
        else:
            text = "" if isinstance(value, bytes) or (isinstance(value, int) and abs(value) > _LARGEST) else repr(value)
        self.ops.append(ir.Constant(kind, text))  # type: ignore[arg-type]  # of that table
        return len(self.ops) - 1

    def _forward_reference(self, text: str) -> int:
        try:
            node = ast.parse(text.strip(), mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return 0
        return self.expression(node)

    def call(self, node: ast.Call) -> int:
        function = self.expression(node.func)
        starred = False
        arguments = []
        for argument in node.args:
            if type(argument) is ast.Starred:
                starred = True
                self.expression(argument.value)
            elif not starred:
                self.eager = type(argument) is ast.GeneratorExp
                arguments.append(self.expression(argument))
            else:
                self.expression(argument)
        keywords = []
        for keyword in node.keywords:
            value = self.expression(keyword.value)
            if keyword.arg is None:
                starred = True
            else:
                keywords.append((keyword.arg, value))
        place = _place(node)
        self.ops.append(ir.Call(function, tuple(arguments), tuple(keywords), starred, self.block, *place))
        index = len(self.ops) - 1
        target = node.func
        name = target.attr if type(target) is ast.Attribute else target.id if type(target) is ast.Name else ""
        sites = self.called.get(name)
        if sites is None:
            self.called[name] = [self.index, index]
        else:
            sites += (self.index, index)
        return index

    def await_(self, node: ast.Await) -> int:
        self.scope.awaits = True
        return self.add(ir.Await(self.expression(node.value), self.block, node.lineno))

    def subscript(self, node: ast.Subscript) -> int:
        value = self.expression(node.value)
        last = self.ops[value]
        literal = isinstance(last, (ir.Name, ir.Attribute)) and _last(last) == "Literal"
        outer = self.in_annotation
        if literal:
            self.in_annotation = False
        key = self.expression(node.slice)
        self.in_annotation = outer
        return self.add(ir.Item(value, key, self.block, *_place(node)))

    def slice_(self, node: ast.Slice) -> int:
        self.each(part for part in (node.lower, node.upper, node.step) if part)
        return self.add(ir.Constant("ellipsis", "slice"))

    def display(self, node: ast.List | ast.Tuple | ast.Set) -> int:
        kind = "list" if type(node) is ast.List else "tuple" if type(node) is ast.Tuple else "set"
        if len(node.elts) > _WIDEST_DISPLAY and all(type(part) is ast.Constant for part in node.elts):
            return self.add(ir.Display(kind, ()))  # type: ignore[arg-type]  # one of the three
        items = tuple(self.expression(part) for part in node.elts)
        return self.add(ir.Display(kind, items))  # type: ignore[arg-type]  # one of the three

    def dict_(self, node: ast.Dict) -> int:
        values = tuple(self.expression(value) for value in node.values)
        keys = tuple(self.expression(key) if key else 0 for key in node.keys)
        return self.add(ir.Mapping(keys, values))

    def bool_op(self, node: ast.BoolOp) -> int:
        return self.add(ir.Either(tuple(self.condition(value) for value in node.values)))

    def conditional(self, node: ast.IfExp) -> int:
        self.condition(node.test)
        outer = self.block
        options = []
        for branch, holds in ((node.body, True), (node.orelse, False)):
            tests, _ = tests_of(node.test, holds, self)
            self.open_block("if", tests)
            options.append(self.expression(branch))
            self.block = outer
        return self.add(ir.Either(tuple(options)))

    def binary(self, node: ast.BinOp) -> int:
        chain = [node]
        while type(chain[-1].left) is ast.BinOp:
            chain.append(chain[-1].left)
        left = self.expression(chain[-1].left)
        for link in reversed(chain):
            right = self.expression(link.right)
            left = self.add(ir.Operation(_OPERATORS[type(link.op)], left, right, self.block, *_place(link)))
        return left

    def unary(self, node: ast.UnaryOp) -> int:
        if isinstance(node.op, ast.Not):
            self.condition(node.operand)
        else:
            self.expression(node.operand)
        return 0

    def compare(self, node: ast.Compare) -> int:
        self.expression(node.left)
        for operator, operand in zip(node.ops, node.comparators, strict=True):
            value = self.expression(operand)
            if isinstance(operator, (ast.In, ast.NotIn)) and isinstance(operand, _LIVE):
                self.add(ir.Operation("__contains__", value, 0, self.block, *_place(operand)))
        return 0

    def joined(self, node: ast.JoinedStr) -> int:
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                value = self.expression(part.value)
                if isinstance(part.value, _LIVE):
                    self.add(ir.Operation("__format__", value, 0, self.block, *_place(part.value)))
                if part.format_spec:
                    self.expression(part.format_spec)
        return self.add(ir.Constant("str", ""))

    def comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> int:
        outer, first = self.block, len(self.ops)
        lazy, self.eager = isinstance(node, ast.GeneratorExp) and not self.eager, False
        own = dict.fromkeys(name for generator in node.generators for name in _names(generator.target))
        shadowed = {name: self.scope.bindings.pop(name, None) for name in own}
        for generator in node.generators:
            value = self.expression(generator.iter)
            self.scope.awaits |= bool(generator.is_async)
            element = self.add(ir.Element(value, bool(generator.is_async), self.block, *_place(generator.iter)))
            self.open_block("lazy" if lazy else "loop")
            self.assign(generator.target, element)
            for test in generator.ifs:
                self.condition(test)
        if isinstance(node, ast.DictComp):
            key, value = self.expression(node.key), self.expression(node.value)
            found = self.add(ir.Mapping((key,), (value,)))
        else:
            item = self.expression(node.elt)
            found = self.add(ir.Display("set" if isinstance(node, ast.SetComp) else "list", (item,)))
        self._hide(first, shadowed)
        self.block = outer
        return found

    def _hide(self, first: int, shadowed: dict[str, list[ir.Binding] | None]) -> None:
        """A comprehension's names stay its own: they live on under a name no code can read."""
        renamed: dict[str, str] = {}
        for name, earlier in shadowed.items():
            inner = self.scope.bindings.pop(name, None)
            if inner is not None:
                renamed[name] = f"{name}@{self.block}"
                self.scope.bindings[renamed[name]] = inner
            if earlier is not None:
                self.scope.bindings[name] = earlier
        for index in range(first, len(self.ops)) if renamed else ():
            op = self.ops[index]
            if type(op) is ir.Name and op.id in renamed:
                self.ops[index] = ir.Name(renamed[op.id], op.block)

    def starred(self, node: ast.Starred) -> int:
        value = self.expression(node.value)
        return self.add(ir.Element(value, False, self.block, *_place(node)))

    def yield_(self, node: ast.Yield) -> int:
        self.scope.is_generator = True
        if node.value:
            self.scope.yields.append(self.expression(node.value))
        return 0

    def yield_from(self, node: ast.YieldFrom) -> int:
        self.scope.is_generator = True
        value = self.expression(node.value)
        self.scope.yields.append(self.add(ir.Element(value, False, self.block, *_place(node.value))))
        return 0

    def walrus(self, node: ast.NamedExpr) -> int:
        value = self.expression(node.value)
        self.bind(node.target.id, value)
        return value


def _place(node: ast.expr) -> Place:
    return node.lineno, node.col_offset, node.end_lineno or node.lineno


def _last(op: ir.Name | ir.Attribute) -> str:
    return op.id if isinstance(op, ir.Name) else op.name


def _strings(node: ast.expr) -> tuple[str, ...] | None:
    if not isinstance(node, (ast.List, ast.Tuple)):
        return None
    return tuple(_clean(p.value) for p in node.elts if isinstance(p, ast.Constant) and isinstance(p.value, str))


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


def _names(target: ast.expr) -> Iterator[str]:
    """The names that an assignment to a target binds."""
    if isinstance(target, ast.Name):
        yield target.id
    elif isinstance(target, (ast.Tuple, ast.List)):
        for part in target.elts:
            yield from _names(part)
    elif isinstance(target, ast.Starred):
        yield from _names(target.value)


def _parts(extractor: _Extractor, node: ast.expr) -> int:
    """What an expression of a newer Python is made of."""
    extractor.each(part for part in ast.iter_child_nodes(node) if isinstance(part, ast.expr))
    return 0


def _clean(text: str) -> str:
    """A text that can be encoded."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


_STATEMENTS: dict[type, Callable[..., None]] = {
    ast.FunctionDef: _Extractor.function,
    ast.AsyncFunctionDef: _Extractor.function,
    ast.ClassDef: _Extractor.class_,
    ast.Return: _Extractor.return_,
    ast.Break: _Extractor.leave_loops,
    ast.Delete: _Extractor.delete,
    ast.Assign: _Extractor.assignment,
    ast.AugAssign: _Extractor.augmented,
    ast.AnnAssign: _Extractor.annotated,
    ast.For: _Extractor.for_,
    ast.AsyncFor: _Extractor.for_,
    ast.While: _Extractor.while_,
    ast.If: _Extractor.if_,
    ast.With: _Extractor.with_,
    ast.AsyncWith: _Extractor.with_,
    ast.Match: _Extractor.match_,
    ast.Raise: _Extractor.raise_,
    ast.Try: _Extractor.try_,
    ast.TryStar: _Extractor.try_,
    ast.Assert: _Extractor.assert_,
    ast.Import: _Extractor.import_,
    ast.ImportFrom: _Extractor.import_from,
    ast.Global: _Extractor.global_,
    ast.Nonlocal: _Extractor.global_,
    ast.Expr: _Extractor.expression_statement,
}

_EXPRESSIONS: dict[type, Callable[..., int]] = {
    ast.Name: _Extractor.name,
    ast.Attribute: _Extractor.attribute,
    ast.Constant: _Extractor.constant,
    ast.Call: _Extractor.call,
    ast.Await: _Extractor.await_,
    ast.Subscript: _Extractor.subscript,
    ast.Slice: _Extractor.slice_,
    ast.List: _Extractor.display,
    ast.Tuple: _Extractor.display,
    ast.Set: _Extractor.display,
    ast.Dict: _Extractor.dict_,
    ast.BoolOp: _Extractor.bool_op,
    ast.IfExp: _Extractor.conditional,
    ast.BinOp: _Extractor.binary,
    ast.UnaryOp: _Extractor.unary,
    ast.Compare: _Extractor.compare,
    ast.JoinedStr: _Extractor.joined,
    ast.ListComp: _Extractor.comprehension,
    ast.SetComp: _Extractor.comprehension,
    ast.DictComp: _Extractor.comprehension,
    ast.GeneratorExp: _Extractor.comprehension,
    ast.Starred: _Extractor.starred,
    ast.Yield: _Extractor.yield_,
    ast.YieldFrom: _Extractor.yield_from,
    ast.NamedExpr: _Extractor.walrus,
    ast.Lambda: _Extractor.lambda_,
}
