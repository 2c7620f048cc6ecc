"""Which of its arguments a function goes through: of those that do so later, too, where they are written."""

from archwise.engine.arguments import Arguments
from archwise.engine.values import Value, Values

_NONE, _FIRST, _SECOND, _FROM_SECOND, _ALL = slice(0), slice(1), slice(1, 2), slice(1, None), slice(None)
_CONSUMED = {
    **dict.fromkeys(
        (
            *(
                f"builtins.{name}"
                for name in ("list", "tuple", "set", "frozenset", "dict", "sorted", "sum", "any", "all")
            ),
            *("builtins.next", "builtins.enumerate", "builtins.reversed", "builtins.str.join"),
            *("collections.deque", "collections.Counter", "collections.OrderedDict"),
            *("itertools.batched", "itertools.pairwise", "itertools.cycle", "itertools.accumulate"),
            *("itertools.groupby", "itertools.chain.from_iterable"),
        ),
        _FIRST,
    ),
    "builtins.zip": _ALL,
    "itertools.chain": _ALL,
    "itertools.zip_longest": _ALL,
    "itertools.product": _ALL,
    "builtins.filter": _SECOND,
    "functools.reduce": _SECOND,
    "builtins.map": _FROM_SECOND,
}
_OF_ONE = frozenset({"builtins.min", "builtins.max"})
"""What goes through its argument where that is the only one."""
_MERGING = frozenset({"extend", "extendleft", "update", "union", "intersection", "difference"})
"""The methods of containers that go through what they are given."""


def consumed(name: str, arguments: Arguments) -> tuple[Value, ...]:
    """What calling a function by its full name goes through."""
    given = arguments.positional
    is_one = name in _OF_ONE and len(given) == 1
    return _each(given[_FIRST if is_one else _CONSUMED.get(name, _NONE)])


def merged_in(method: str, arguments: Arguments) -> tuple[Value, ...]:
    """What a container's method goes through."""
    return _each(arguments.positional) if method in _MERGING else ()


def _each(given: tuple[Values, ...]) -> tuple[Value, ...]:
    return tuple(value for values in given for value in values)
