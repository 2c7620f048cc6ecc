"""Reads expressions: each becomes operations of the scope it stands in."""

import ast
from collections.abc import Callable, Iterable

from archwise.engine import ir
from archwise.engine.bindings import Bindings, names_bound
from archwise.engine.guards import tests_of
from archwise.engine.scopes import place_of

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
_COMPARISONS: dict[type[ast.cmpop], str] = {
    ast.Eq: "__eq__",
    ast.NotEq: "__eq__",
    ast.Lt: "__lt__",
    ast.LtE: "__le__",
    ast.Gt: "__gt__",
    ast.GtE: "__ge__",
}
_STOPPING = frozenset({"any", "all", "next"})
"""Functions that take no more of a generator once they have their answer."""
_LIVE = (ast.Name, ast.Attribute, ast.Call, ast.Await, ast.Subscript)
"""Operands whose protocols may run code of the project."""


def _sets_by_name(function: ast.expr) -> bool:
    """Whether a function is ``setattr``, or ``object.__setattr__``, which frozen data classes use."""
    if type(function) is ast.Attribute:
        return function.attr == "__setattr__" and type(function.value) is ast.Name and function.value.id == "object"
    return type(function) is ast.Name and function.id == "setattr"


def _is_cast(node: ast.expr) -> bool:
    """Whether a function is ``typing.cast``, by its name: its first argument may be a type in quotes."""
    return (isinstance(node, ast.Name) and node.id == "cast") or (
        isinstance(node, ast.Attribute) and node.attr == "cast"
    )


class Expressions(Bindings):
    """The part of the reader that knows each kind of expression."""

    def expression(self, node: ast.expr) -> int:
        return _EXPRESSIONS.get(type(node), _parts)(self, node)

    def each(self, nodes: Iterable[ast.expr]) -> None:
        for node in nodes:
            self.expression(node)

    def condition(self, node: ast.expr) -> int:
        value = self.expression(node)
        tested, truth = node, value
        while isinstance(tested, ast.BoolOp):  # of the others, each has been tested on the way
            either = self.ops[truth]
            tested, truth = tested.values[-1], either.options[-1] if isinstance(either, ir.Either) else truth
        if isinstance(tested, (ast.Name, ast.Attribute, ast.Call)):
            block: int = getattr(self.ops[truth], "block", self.block)
            self.add(ir.Operation("__bool__", truth, 0, block, *place_of(tested)))
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
            text = encodable(value[:_LONGEST_CONSTANT])
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
        starred: tuple[int, ...] = ()
        arguments: list[int] = []
        for argument in node.args:
            if type(argument) is ast.Starred:
                starred += (self.starred(argument),)
            elif not starred:
                if type(argument) is ast.GeneratorExp:
                    self.consumed = "search" if ir.identifier(self.ops[function]) in _STOPPING else "loop"
                is_type = not arguments and len(node.args) == 2 and _is_cast(node.func)
                arguments.append(self.annotation(argument) if is_type else self.expression(argument))
            else:
                self.expression(argument)
        keywords = []
        for keyword in node.keywords:
            value = self.expression(keyword.value)
            if keyword.arg is None:
                starred += (value,)
            else:
                keywords.append((keyword.arg, value))
        place = place_of(node)
        if len(arguments) == 3 and _sets_by_name(node.func):
            self._set_by_name(arguments)
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

    def _set_by_name(self, arguments: list[int]) -> None:
        """``setattr(target, "name", value)`` is an assignment."""
        target, named, value = arguments
        name = self.ops[named]
        if isinstance(name, ir.Constant) and name.kind == "str":
            self.scope.stores.append(ir.Store(target, name.text, value, 0, self.block, False))

    def await_(self, node: ast.Await) -> int:
        self.scope.awaits = True
        return self.add(ir.Await(self.expression(node.value), self.block, node.lineno))

    def subscript(self, node: ast.Subscript) -> int:
        value = self.expression(node.value)
        last = self.ops[value]
        literal = ir.identifier(last) == "Literal"
        outer = self.in_annotation
        if literal:
            self.in_annotation = False
        key = self.expression(node.slice)
        self.in_annotation = outer
        return self.add(ir.Item(value, key, self.block, *place_of(node)))

    def slice_(self, node: ast.Slice) -> int:
        self.each(part for part in (node.lower, node.upper, node.step) if part)
        return self.add(ir.Constant("slice", f"[:{_length(node)}]"))

    def display(self, node: ast.List | ast.Tuple | ast.Set) -> int:
        kind = "list" if type(node) is ast.List else "tuple" if type(node) is ast.Tuple else "set"
        if len(node.elts) > _WIDEST_DISPLAY and all(type(part) is ast.Constant for part in node.elts):
            return self.add(ir.Display(kind, ()))  # type: ignore[arg-type]  # one of the three
        items = tuple(self.expression(part) for part in node.elts)
        lines = tuple(part.lineno for part in node.elts) if self.scope.kind == "class" else ()
        return self.add(ir.Display(kind, items, lines))  # type: ignore[arg-type]  # one of the three

    def dict_(self, node: ast.Dict) -> int:
        values = tuple(self.expression(value) for value in node.values)
        keys = tuple(self.expression(key) if key else 0 for key in node.keys)
        return self.add(ir.Mapping(keys, values, *place_of(node)))

    def bool_op(self, node: ast.BoolOp) -> int:
        self.scope.comparisons += len(node.values) - 1
        outer = self.block
        goes_on = isinstance(node.op, ast.And)
        options = []
        for value in node.values:
            is_last = value is node.values[-1]
            options.append(self.expression(value) if is_last else self.condition(value))
            tests, _ = tests_of(value, goes_on, self)
            if tests and not is_last:
                self.open_block("if", tests)
        self.block = outer
        return self.add(ir.Either(tuple(options)))

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
        self.scope.arithmetic += len(chain)
        for link in reversed(chain):
            right = self.expression(link.right)
            left = self.add(ir.Operation(_OPERATORS[type(link.op)], left, right, self.block, *place_of(link)))
        return left

    def unary(self, node: ast.UnaryOp) -> int:
        if isinstance(node.op, ast.Not):
            self.scope.comparisons += 1
            self.condition(node.operand)
        else:
            self.expression(node.operand)
        return 0

    def compare(self, node: ast.Compare) -> int:
        self.scope.comparisons += len(node.ops)
        compared, before = node.left, self.expression(node.left)
        for operator, operand in zip(node.ops, node.comparators, strict=True):
            value = self.expression(operand)
            if isinstance(operator, (ast.In, ast.NotIn)) and isinstance(operand, _LIVE):
                self.add(ir.Operation("__contains__", value, 0, self.block, *place_of(operand)))
            elif type(operator) in _COMPARISONS and isinstance(compared, _LIVE):
                method = _COMPARISONS[type(operator)]
                self.add(ir.Operation(method, before, value, self.block, *place_of(compared)))
            compared, before = operand, value
        return 0

    def joined(self, node: ast.JoinedStr) -> int:
        parts = []
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                value = self.expression(part.value)
                parts.append(value)
                if isinstance(part.value, _LIVE):
                    self.add(ir.Operation("__format__", value, 0, self.block, *place_of(part.value)))
                if part.format_spec:
                    self.expression(part.format_spec)
            else:
                parts.append(self.expression(part))
        return self.add(ir.Formatted(tuple(parts), *place_of(node)))

    def comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> int:
        outer, first = self.block, len(self.ops)
        kind: ir.BlockKind = "loop"
        if isinstance(node, ast.GeneratorExp):
            kind, self.consumed = self.consumed, "lazy"
        own = dict.fromkeys(name for generator in node.generators for name in names_bound(generator.target))
        shadowed = {name: self.scope.bindings.pop(name, None) for name in own}
        for generator in node.generators:
            value = self.expression(generator.iter)
            self.scope.awaits |= bool(generator.is_async)
            element = self.add(ir.Element(value, bool(generator.is_async), self.block, *place_of(generator.iter)))
            self.open_block(kind)
            self.assign(generator.target, element)
            for test in generator.ifs:
                self.condition(test)
        if isinstance(node, ast.DictComp):
            key, value = self.expression(node.key), self.expression(node.value)
            found = self.add(ir.Mapping((key,), (value,), *place_of(node)))
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
        return self.add(ir.Element(value, False, self.block, *place_of(node)))

    def yield_(self, node: ast.Yield) -> int:
        self.scope.is_generator = True
        if node.value:
            self.scope.yields.append(self.expression(node.value))
        return 0

    def yield_from(self, node: ast.YieldFrom) -> int:
        self.scope.is_generator = True
        value = self.expression(node.value)
        self.scope.yields.append(self.add(ir.Element(value, False, self.block, *place_of(node.value))))
        return 0

    def walrus(self, node: ast.NamedExpr) -> int:
        value = self.expression(node.value)
        self.bind(node.target.id, value)
        return value

    def lambda_(self, node: ast.Lambda) -> int:
        outer, block = self.index, self.block
        parameters = self.parameters(node.args)
        inner = self.open_scope("lambda", "<lambda>", self.qualname_of("<lambda>"), node)
        self.scope.parameters = parameters
        self.scope.results.append(self.expression(node.body))
        self.back_to(outer, block)
        return self.add(ir.Define(inner))


def encodable(text: str) -> str:
    """A text that can be encoded."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _length(node: ast.Slice) -> str:
    """How many items a slice gives at most, or the name of that; empty where it is neither."""
    match node:
        case ast.Slice(None, ast.Constant(int(upper)), None) if upper >= 0:
            return str(upper)
        case ast.Slice(ast.Constant(int(lower)), ast.Constant(int(upper)), None) if 0 <= lower <= upper:
            return str(upper - lower)
        case ast.Slice(None, ast.Name(name), None):
            return name
    return ""


def _parts(reader: Expressions, node: ast.expr) -> int:
    """What an expression of a newer Python is made of."""
    reader.each(part for part in ast.iter_child_nodes(node) if isinstance(part, ast.expr))
    return 0


_EXPRESSIONS: dict[type, Callable[..., int]] = {
    ast.Name: Expressions.name,
    ast.Attribute: Expressions.attribute,
    ast.Constant: Expressions.constant,
    ast.Call: Expressions.call,
    ast.Await: Expressions.await_,
    ast.Subscript: Expressions.subscript,
    ast.Slice: Expressions.slice_,
    ast.List: Expressions.display,
    ast.Tuple: Expressions.display,
    ast.Set: Expressions.display,
    ast.Dict: Expressions.dict_,
    ast.BoolOp: Expressions.bool_op,
    ast.IfExp: Expressions.conditional,
    ast.BinOp: Expressions.binary,
    ast.UnaryOp: Expressions.unary,
    ast.Compare: Expressions.compare,
    ast.JoinedStr: Expressions.joined,
    ast.ListComp: Expressions.comprehension,
    ast.SetComp: Expressions.comprehension,
    ast.DictComp: Expressions.comprehension,
    ast.GeneratorExp: Expressions.comprehension,
    ast.Starred: Expressions.starred,
    ast.Yield: Expressions.yield_,
    ast.YieldFrom: Expressions.yield_from,
    ast.NamedExpr: Expressions.walrus,
    ast.Lambda: Expressions.lambda_,
}
