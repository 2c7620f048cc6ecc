"""Makes the summary of one file: one walk over its syntax tree."""

import ast

from archwise.engine import ir
from archwise.engine.generated import is_generated
from archwise.engine.statements import Statements
from archwise.engine.suppress import suppressions_of


def summarise(source: bytes) -> ir.Summary:
    """The summary of a file.

    Raises:
        SyntaxError: the running interpreter cannot parse it.
        ValueError: it holds null bytes.
        RecursionError: it nests too deeply.
        MemoryError: it nests too deeply for the parser.
    """
    tree = ast.parse(source)
    reader = Statements()
    reader.module(tree)
    return ir.Summary(
        tuple(scope.finish() for scope in reader.scopes),
        {name: tuple(sites) for name, sites in reader.called.items()},
        tuple(sorted(reader.imports)),
        reader.exports,
        source.count(b"\n") + (not source.endswith(b"\n")),
        () if source.isascii() else _wide(source),
        is_generated(source),
        suppressions_of(source),
    )


def _wide(source: bytes) -> tuple[int, ...]:
    """The lines that hold anything but ASCII."""
    return tuple([number for number, line in enumerate(source.splitlines(), 1) if not line.isascii()])
