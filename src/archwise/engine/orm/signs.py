"""The signs in a function, by names alone, that it may send a query for each row. Nothing is evaluated here."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import msgspec

from archwise.engine import ir
from archwise.engine.orm.by_name import GETTER
from archwise.engine.orm.dumped import DUMPING
from archwise.engine.orm.names import repeats
from archwise.engine.orm.queries import ASKING, LOADING, NARROWED, VALUES
from archwise.engine.orm.schemas import BASES as SCHEMAS
from archwise.engine.orm.schemas import MAKING
from archwise.engine.orm.serializers import BASE as SERIALIZER
from archwise.engine.orm.spread import Spread
from archwise.engine.orm.statements import NARROWING, RUNS, RUNS_SCALARS, SENDING
from archwise.engine.orm.written import property_of
from archwise.engine.templates.ops import Include, Lookup, Tagged, Variable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archwise.engine.orm.models import Models
    from archwise.engine.orm.spread import Key
    from archwise.engine.program import Code, Program

CONSUMING = frozenset(
    {
        *("list", "tuple", "set", "frozenset", "sorted", "len", "bool", "any", "all", "sum", "min", "max", "dict"),
        *(
            "next",
            "join",
            "extend",
            "update",
            "iter",
            "map",
            "filter",
            "enumerate",
            "zip",
            "reversed",
            "chain",
            "Counter",
        ),
    }
)
"""Functions and methods that go through what they are given."""
KEYED = frozenset({"sorted", "map", "filter", "min", "max", "groupby", "sort"})
"""Those that call a function with each item."""
FETCHED = frozenset(f"{a}get_{one}_or_404" for a in ("", "a") for one in ("object", "list"))
"""Those that get rows of a model, or of a query, at once."""
SENT = RUNS | RUNS_SCALARS | {"scalar", "get"}
"""Methods of SQLAlchemy's sessions that send what they are given."""
SHOWING = frozenset({"str", "print", "format", "repr"})
"""Those that make a text of what they are given."""
_TEXTS = frozenset({"__str__", "__repr__"})
SHOWN = frozenset({"__format__", "__str__", "__mod__"})
"""Operators that do."""
CONSUMED = frozenset({"__bool__", "__contains__"})
"""Operators that go through what they are applied to."""
_RENDERING = frozenset({"render", "TemplateResponse", "render_to_string", "render_template"})

ALWAYS, REPEATED, GIVEN, NEVER = range(4)
"""Where an operation may lead to a read: anywhere, where it is repeated, or only where a caller's loop gives rows."""
_OF_QUERYSETS = NARROWED | LOADING | VALUES
"""Names by which a querysets' own methods are meant, whatever else in the program has them."""
_SILENT = frozenset({ir.Name, ir.Constant, ir.Unknown, ir.Display, ir.Mapping, ir.Return, ir.Import, ir.Define})
_WITH_MANAGERS = ("django", "tortoise")
_FETCHING = "fetch_related"
_CALLABLE = (ir.Define, ir.Name, ir.Attribute)
_MOST_STEPS = 12
_PASSING = frozenset({"list", "tuple", "set", "sorted", "reversed", "enumerate", "zip", "iter", "filter", "chain"})
"""Functions that give the items that they are given."""


class Sign(msgspec.Struct, frozen=True, gc=False):
    """An operation that may tell: where it may send a query itself, and how what it may run is reached."""

    index: int
    where: int
    runs: tuple[Key, ...]
    repeated: bool


class Signs:
    """Reads functions for signs, each once."""

    def __init__(self, program: Program, models: Models, has_templates: bool) -> None:
        self._program = program
        self._models = models
        self._has_templates = has_templates
        self._found: dict[Code, tuple[Sign, ...]] = {}

    def of(self, code: Code) -> tuple[Sign, ...]:
        """The signs in a function, in order."""
        found = self._found.get(code)
        if found is None:
            found = self._found[code] = tuple(self._find(code))
        return found

    def _find(self, code: Code) -> Iterator[Sign]:
        for index, op in enumerate(code.scope.ops):
            if type(op) in _SILENT or (isinstance(op, ir.Attribute) and op.name not in self._attributes):
                continue
            where = self._of_itself(code, op)
            runs = self._runs(code, op)
            if where != NEVER or runs:
                yield Sign(index, where, runs, repeats(code, getattr(op, "block", 0)))

    def _of_itself(self, code: Code, op: ir.AnyOp) -> int:
        """Where an operation may send a query that runs no function of the program."""
        match op:
            case ir.Attribute():
                return ALWAYS if op.name in self._lazy else REPEATED if op.name in self._single else NEVER
            case ir.Call():
                return self._of_call(code, op)
            case ir.Element() | ir.Item():
                return self._gone_through(code, op.value)
            case ir.Await() if self._awaits:
                return self._gone_through(code, op.value)
            case ir.Operation() if op.method in CONSUMED:
                return self._gone_through(code, op.value)
            case Lookup() | Include() | Tagged():
                return ALWAYS
        return NEVER

    def _of_call(self, code: Code, op: ir.Call) -> int:
        name = ir.identifier(code.scope.ops[op.function])
        if self._has_templates and name in _RENDERING:
            return ALWAYS
        if op.keywords and any(keyword == "many" for keyword, _ in op.keywords):
            return ALWAYS
        if name in MAKING or name in DUMPING or (op.keywords and name in self.schemas):
            return ALWAYS
        if any(parameter.name == name for parameter in code.scope.parameters):
            return REPEATED  # a function that the caller gives
        if name in self.serializers or name in (_FETCHING, "getattr") or name in FETCHED:
            return REPEATED
        if name in KEYED and _is_keyed(code, op):
            return ALWAYS
        if self._has_sessions and name in (SENT | SENDING) and (name != "get" or len(op.arguments) > 1):
            return REPEATED
        if name in ASKING and (name != "get" or _may_be_query(code, op)):
            return REPEATED if self.has_managers or _names_query(code) else NEVER
        if name in CONSUMING:
            return min((self._gone_through(code, each) for each in op.arguments), default=NEVER)
        return NEVER

    def _runs(self, code: Code, op: ir.AnyOp) -> tuple[Key, ...]:
        """How the functions of the program are reached that an operation may run."""
        match op:
            case ir.Attribute():
                return self.spread.read_on(code, op) if op.name in self._properties else ()
            case ir.Call() if ir.identifier(code.scope.ops[op.function]) in SHOWING:
                return self._shown
            case ir.Call():
                function = code.scope.ops[op.function]
                is_querys = isinstance(function, ir.Attribute) and function.name in _OF_QUERYSETS
                return () if is_querys and self.has_managers else self.spread.run_by(code, op)
            case ir.Operation() if op.method in SHOWN:
                return self._shown
        return ()

    def _gone_through(self, code: Code, index: int) -> int:
        """Where a query may be that is sent when this is gone through: of a relation, or narrowed by what a row has."""
        if not self.has_managers and not self._has_sessions:
            return NEVER
        best = NEVER
        waiting, seen = [index], {index}
        while waiting:
            op = code.scope.ops[waiting.pop()]
            best = min(best, self._made_by(code, op))
            if best == REPEATED or len(seen) > _MOST_STEPS:
                return REPEATED
            fresh = [each for each in _behind(code, op) if each not in seen]
            seen.update(fresh)
            waiting.extend(fresh)
        return best

    def _made_by(self, code: Code, op: ir.AnyOp) -> int:
        if isinstance(op, ir.Attribute):
            return REPEATED if op.name in self._many or op.name in self._properties else NEVER
        if isinstance(op, ir.Call):
            name = ir.identifier(code.scope.ops[op.function])
            makes = name in NARROWED or name in NARROWING or name in self.spread.functions or not name
            return REPEATED if makes else NEVER
        if isinstance(op, ir.Name) and op.id not in code.scope.bindings:
            return GIVEN
        return REPEATED if isinstance(op, (Variable, Lookup, Tagged)) else NEVER

    # -- names

    @functools.cached_property
    def _attributes(self) -> frozenset[str]:
        """The attributes that may tell."""
        return self._single | self._lazy | self._properties

    @functools.cached_property
    def spread(self) -> Spread:
        """By which names the program's functions are reached."""
        return Spread(self._program, self._properties, self._own)

    @functools.cached_property
    def has_managers(self) -> bool:
        """Whether there are models whose relations to many rows give querysets."""
        return any(link.orm in _WITH_MANAGERS for link in self._models.every_link())

    @functools.cached_property
    def serializers(self) -> frozenset[str]:
        """The names of the serializers of Django REST framework."""
        classes = (cls for cls in self._program.classes if cls.scope.bases and "Serializer" in cls.scope.name)
        return frozenset(cls.scope.name for cls in classes if self._models.derives(cls, SERIALIZER))

    @functools.cached_property
    def schemas(self) -> frozenset[str]:
        """The names of Pydantic's models, where rows may be handed to them."""
        classes = (cls for cls in self._program.classes if cls.scope.bases)
        return frozenset(cls.scope.name for cls in classes if any(self._models.derives(cls, base) for base in SCHEMAS))

    @functools.cached_property
    def _has_sessions(self) -> bool:
        """Whether there are models whose rows come from sessions of SQLAlchemy."""
        return any(link.orm == "sqlalchemy" for link in self._models.every_link())

    @functools.cached_property
    def _awaits(self) -> bool:
        """Whether some rows send their queries where these are awaited."""
        return any(link.orm == "tortoise" for link in self._models.every_link())

    @functools.cached_property
    def _single(self) -> frozenset[str]:
        """The relations to one row, which send a query where they are read."""
        return frozenset(
            link.name for link in self._models.every_link() if link.orm in _WITH_MANAGERS and not link.many
        )

    @functools.cached_property
    def _many(self) -> frozenset[str]:
        """The relations to many rows, which send one where they are gone through."""
        return frozenset(link.name for link in self._models.every_link() if link.orm in _WITH_MANAGERS and link.many)

    @functools.cached_property
    def _lazy(self) -> frozenset[str]:
        """The relations that may raise where they are read."""
        links = self._models.every_link()
        return frozenset(link.name for link in links if link.orm == "sqlalchemy" and link.loading == "lazy")

    @functools.cached_property
    def _own(self) -> frozenset[Code]:
        """The functions that rows have: of models, and of what those derive from."""
        holders = self._models.holders_of_methods()
        return frozenset(code for code in self._program.codes() if code.owner in holders)

    @functools.cached_property
    def _properties(self) -> frozenset[str]:
        """The names of the properties that rows have."""
        decorated = (code.scope.name for code in self._own if any(map(_is_property, code.decorator_names)))
        made = (
            name
            for cls in self._models.holders_of_methods()
            for name, bindings in cls.scope.bindings.items()
            if property_of(cls, cls.scope.ops[bindings[-1].value])
        )
        return frozenset((*decorated, *made))

    @functools.cached_property
    def _shown(self) -> tuple[Key, ...]:
        """What making a text of a row runs."""
        return tuple(f"@{name}" for name in sorted(_TEXTS & {code.scope.name for code in self._own}))


def _behind(code: Code, op: ir.AnyOp) -> Iterator[int]:
    """The operations whose values an operation passes on."""
    match op:
        case ir.Name():
            yield from (binding.value for binding in code.scope.bindings.get(op.id, ()))
            yield from (store.value for store in code.scope.stores if store.item and _is_read(code, store, op.id))
        case ir.Call() if ir.identifier(code.scope.ops[op.function]) in _PASSING:
            yield from op.arguments
        case ir.Call():
            function = code.scope.ops[op.function]
            if isinstance(function, ir.Attribute):
                yield function.value
        case ir.Item() | ir.Element() | ir.Await() | ir.Unpack():
            yield op.value
        case ir.Operation():
            yield from (op.value, op.operand)
        case ir.Either():
            yield from op.options


def _is_read(code: Code, store: ir.Store, name: str) -> bool:
    target = code.scope.ops[store.target]
    return isinstance(target, ir.Name) and target.id == name


def _may_be_query(code: Code, op: ir.Call) -> bool:
    """Whether a ``get`` may be a queryset's: what is asked for by a literal alone is a dict."""
    first = code.scope.ops[op.arguments[0]] if op.arguments else None
    return bool(op.starred) or bool(op.keywords) or not isinstance(first, ir.Constant)


def _is_property(decorator: str) -> bool:
    return decorator.endswith("property")


def _may_be_called(code: Code, op: ir.AnyOp) -> bool:
    if isinstance(op, ir.Call):
        return ir.identifier(code.scope.ops[op.function]) == GETTER
    return isinstance(op, _CALLABLE)


def _is_keyed(code: Code, op: ir.Call) -> bool:
    """Whether a call may call a function with each item; a method of such a name but ``sort`` is a queryset's."""
    function = code.scope.ops[op.function]
    is_method = isinstance(function, ir.Attribute) and function.name in _OF_QUERYSETS
    given = (*op.arguments, *(value for name, value in op.keywords if name == "key"))
    return not is_method and any(_may_be_called(code, code.scope.ops[each]) for each in given)


def _names_query(code: Code) -> bool:
    """Whether a function names SQLAlchemy's older queries: ``session.query(…)``, ``Model.query``."""
    return any(op.name == "query" for _, op in code.operations(ir.Attribute))
