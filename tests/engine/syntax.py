"""Python source at random: trees of every node that the grammar has, written out.

Hypothesis draws a seed a statement, so that it can leave out statements of a source that fails; within a statement a
plain generator of random numbers takes the decisions, a hundred times faster.
"""

import ast
from collections.abc import Callable
from random import Random
from typing import Any

from hypothesis import strategies as st

NAMES = ("a", "b", "client", "cls", "é", "get", "requests", "self", "time")
MODULES = ("a", "a.b", "os.path", "requests")
TEXTS = ("", "x", "list[int]", "a.b | None", "(", "é", "not a type", "lambda: (yield)", "# noqa")
CONSTANTS = (None, True, 7, 1.5, 2j, ..., b"\xff", *TEXTS)
OPERATORS = (
    ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow, ast.MatMult,
    ast.LShift, ast.RShift, ast.BitOr, ast.BitXor, ast.BitAnd,
)  # fmt: skip
COMPARISONS = (ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Is, ast.IsNot, ast.In, ast.NotIn)


class Writer:
    """Makes one statement, no deeper than ``depth``."""

    def __init__(self, random: Random, depth: int) -> None:
        self.random, self.depth = random, depth

    def any_of(self, *choices: Callable[[], Any]) -> Any:
        return self.random.choice(choices)()

    def maybe(self, choice: Callable[[], Any]) -> Any:
        return choice() if self.random.random() < 0.5 else None

    def several(self, choice: Callable[[], Any], least: int = 0, most: int = 2) -> list[Any]:
        return [choice() for _ in range(self.random.randint(least, most))]

    def word(self) -> str:
        return self.random.choice(NAMES)

    # -- expressions

    def name(self) -> ast.expr:
        return ast.Name(self.word())

    def constant(self) -> ast.expr:
        return ast.Constant(self.random.choice(CONSTANTS))

    def expression(self) -> ast.expr:
        if self.depth <= 0 or self.random.random() < 0.3:
            return self.any_of(self.name, self.name, self.constant)
        self.depth -= 1
        found: ast.expr = self.random.choice(_EXPRESSIONS)(self)
        self.depth += 1
        return found

    def attribute(self) -> ast.expr:
        return ast.Attribute(self.expression(), self.word())

    def subscript(self) -> ast.expr:
        return ast.Subscript(self.expression(), self.any_of(self.expression, self.slice))

    def slice(self) -> ast.expr:
        return ast.Slice(self.maybe(self.expression), self.maybe(self.expression), self.maybe(self.expression))

    def item(self) -> ast.expr:
        return ast.Starred(self.expression()) if self.random.random() < 0.2 else self.expression()

    def keyword(self) -> ast.keyword:
        return ast.keyword(self.maybe(self.word), self.expression())

    def mapping(self) -> ast.expr:
        values = self.several(self.expression)
        return ast.Dict([self.maybe(self.expression) for _ in values], values)

    def generators(self) -> list[ast.comprehension]:
        return self.several(
            lambda: ast.comprehension(
                self.place(), self.expression(), self.several(self.expression, most=1), self.random.randint(0, 1)
            ),
            least=1,
        )

    def formatted(self) -> ast.expr:
        return ast.JoinedStr([ast.FormattedValue(self.expression(), -1), ast.Constant("text")])

    def single_place(self) -> ast.expr:
        return self.any_of(self.name, self.name, self.attribute, self.subscript)

    def place(self) -> ast.expr:
        """What may be assigned to, in a ``for`` or a comprehension as well."""
        if self.random.random() < 0.7:
            return self.single_place()
        parts = self.several(self.single_place, least=1)
        if self.random.random() < 0.5:
            parts.append(ast.Starred(self.name()))
        return self.random.choice((ast.Tuple, ast.List))(parts)

    def arguments(self, annotation: Callable[[], Any]) -> ast.arguments:
        def argument(name: str) -> ast.arg:
            return ast.arg(name, self.maybe(annotation))

        plain = [argument(name) for name in ("p", "q", "r")[: self.random.randint(0, 3)]]
        only = self.random.randint(0, len(plain))
        defaults = [self.expression() for _ in range(self.random.randint(0, len(plain)))]
        keywords = [argument(name) for name in ("s", "t")[: self.random.randint(0, 2)]]
        values = [self.maybe(self.expression) for _ in keywords]
        rest, others = (self.maybe(lambda name=name: argument(name)) for name in ("args", "kwargs"))
        return ast.arguments(plain[:only], plain[only:], rest, keywords, values, others, defaults)

    # -- statements

    def statement(self) -> ast.stmt:
        if self.depth <= 0 or self.random.random() < 0.3:
            return self.random.choice(_SIMPLE)(self)
        self.depth -= 1
        found = self.random.choice(_COMPOUND)(self)
        self.depth += 1
        return found

    def body(self) -> list[ast.stmt]:
        return self.several(self.statement, least=1)

    def rest(self) -> list[ast.stmt]:
        return self.several(self.statement, most=1)

    def handlers(self) -> list[ast.excepthandler]:
        return [ast.ExceptHandler(self.expression(), self.maybe(self.word), self.body())]

    def items(self) -> list[ast.withitem]:
        return self.several(lambda: ast.withitem(self.expression(), self.maybe(self.place)), least=1)

    def alias(self) -> ast.alias:
        return ast.alias(self.random.choice(MODULES), self.maybe(self.word))

    def members(self) -> list[ast.alias]:
        return self.several(lambda: ast.alias(self.word(), self.maybe(self.word)), least=1)

    def cases(self) -> list[ast.match_case]:
        return self.several(lambda: ast.match_case(self.pattern(), self.maybe(self.expression), self.body()), least=1)

    def pattern(self, depth: int = 2) -> ast.pattern:
        def part() -> ast.pattern:
            return self.pattern(depth - 1)

        smallest = (
            lambda: ast.MatchAs(name=self.maybe(self.word)),
            lambda: ast.MatchValue(ast.Constant(7)),
            lambda: ast.MatchSingleton(None),
        )
        larger = (
            lambda: ast.MatchSequence([*self.several(part), ast.MatchStar(self.maybe(self.word))]),
            lambda: ast.MatchOr(self.several(part, least=2, most=3)),
            lambda: ast.MatchClass(self.name(), self.several(part), ["key"], [part()]),
            lambda: ast.MatchMapping([ast.Constant("key")], [part()], self.maybe(self.word)),
            lambda: ast.MatchAs(part(), self.word()),
        )
        return self.any_of(*smallest, *(larger if depth else ()))

    def function(self) -> ast.stmt:
        kind = self.random.choice((ast.FunctionDef, ast.AsyncFunctionDef))
        parameters, decorators = self.arguments(self.expression), self.several(self.expression, most=1)
        return kind(self.word(), parameters, self.body(), decorators, self.maybe(self.expression))

    def class_(self) -> ast.stmt:
        bases, decorators = self.several(self.expression), self.several(self.expression, most=1)
        return ast.ClassDef(self.word(), bases, self.several(self.keyword, most=1), self.body(), decorators)


_EXPRESSIONS: tuple[Callable[[Writer], ast.expr], ...] = (
    Writer.attribute,
    Writer.attribute,
    Writer.subscript,
    Writer.mapping,
    Writer.formatted,
    lambda w: ast.Call(w.expression(), w.several(w.item), w.several(w.keyword)),
    lambda w: ast.Call(w.attribute(), w.several(w.item), w.several(w.keyword)),
    lambda w: ast.BinOp(w.expression(), w.random.choice(OPERATORS)(), w.expression()),
    lambda w: ast.BoolOp(w.random.choice((ast.And, ast.Or))(), w.several(w.expression, 2, 3)),
    lambda w: ast.UnaryOp(w.random.choice((ast.Not, ast.USub, ast.Invert))(), w.expression()),
    lambda w: ast.Compare(w.expression(), [w.random.choice(COMPARISONS)()], [w.expression()]),
    lambda w: ast.IfExp(w.expression(), w.expression(), w.expression()),
    lambda w: ast.Lambda(w.arguments(lambda: None), w.expression()),
    lambda w: ast.Tuple(w.several(w.item)),
    lambda w: ast.List(w.several(w.item)),
    lambda w: ast.Set(w.several(w.item, 1)),
    lambda w: ast.ListComp(w.expression(), w.generators()),
    lambda w: ast.SetComp(w.expression(), w.generators()),
    lambda w: ast.DictComp(w.expression(), w.expression(), w.generators()),
    lambda w: ast.GeneratorExp(w.expression(), w.generators()),
    lambda w: ast.Await(w.expression()),
    lambda w: ast.Yield(w.maybe(w.expression)),
    lambda w: ast.YieldFrom(w.expression()),
    lambda w: ast.NamedExpr(w.name(), w.expression()),
)
_SIMPLE: tuple[Callable[[Writer], ast.stmt], ...] = (
    lambda w: ast.Expr(w.expression()),
    lambda w: ast.Assign(w.several(w.place, 1), w.expression()),
    lambda w: ast.AugAssign(w.single_place(), w.random.choice(OPERATORS)(), w.expression()),
    lambda w: ast.AnnAssign(w.single_place(), w.expression(), w.maybe(w.expression), 0),
    lambda w: ast.Return(w.maybe(w.expression)),
    lambda w: ast.Raise(w.expression(), w.maybe(w.expression)),
    lambda w: ast.Assert(w.expression(), w.maybe(w.expression)),
    lambda w: ast.Delete(w.several(w.single_place, 1)),
    lambda w: ast.Import(w.several(w.alias, 1)),
    lambda w: ast.ImportFrom(w.maybe(lambda: w.random.choice(MODULES)), w.members(), w.random.randint(1, 3)),
    lambda w: ast.ImportFrom("a", [ast.alias("*")], 0),
    lambda w: ast.Global(w.several(w.word, 1)),
    lambda w: ast.Nonlocal(w.several(w.word, 1)),
    lambda w: w.random.choice((ast.Pass, ast.Break, ast.Continue))(),
)
_COMPOUND: tuple[Callable[[Writer], ast.stmt], ...] = (
    Writer.function,
    Writer.function,
    Writer.class_,
    lambda w: ast.If(w.expression(), w.body(), w.rest()),
    lambda w: ast.While(w.expression(), w.body(), w.rest()),
    lambda w: ast.For(w.place(), w.expression(), w.body(), w.rest()),
    lambda w: ast.AsyncFor(w.place(), w.expression(), w.body(), w.rest()),
    lambda w: ast.With(w.items(), w.body()),
    lambda w: ast.AsyncWith(w.items(), w.body()),
    lambda w: ast.Try(w.body(), w.handlers(), w.rest(), w.rest()),
    lambda w: ast.TryStar(w.body(), w.handlers(), w.rest(), w.rest()),
    lambda w: ast.Match(w.expression(), w.cases()),
)


def source(seeds: list[int]) -> str:
    """A source of a statement a seed, less those that the running interpreter cannot parse (it need not compile)."""
    written = []
    for seed in seeds:
        node = Writer(Random(seed), depth=3).statement()
        try:
            text = ast.unparse(ast.fix_missing_locations(ast.Module([node], [])))
            ast.parse(text)
        except (SyntaxError, ValueError):
            continue
        written.append(text)
    return "\n".join(written) + "\n"


SOURCES = st.lists(st.integers(0, 2**32), min_size=1, max_size=8).map(source)
