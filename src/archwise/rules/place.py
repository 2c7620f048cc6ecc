"""Findings about a single place of the program."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from archwise.findings import Confidence, Finding, Hop, Severity

if TYPE_CHECKING:
    from archwise.engine.program import Code
    from archwise.rules.rule import Rule


def at(
    rule: Rule,
    code: Code,
    op: int,
    message: str,
    help: str,  # the finding's own field
    *,
    note: str,
    severity: Severity | None = None,
    confidence: Confidence = "certain",
    roots: tuple[str, ...] = (),
    before: tuple[Hop, ...] = (),
    after: tuple[Hop, ...] = (),
    cause: str = "",
    cause_message: str = "",
) -> Finding:
    """A finding at an operation of a function; at the function's own line where ``op`` is 0.

    ``cause`` names what several findings have in common, and ``cause_message`` says of all what ``message`` says of
    one; without ``cause`` each is a cause of its own.
    """
    here = hop(code, op, note)
    return Finding(
        rule=rule.code,
        name=rule.name,
        path=code.module.path,
        line=here.line,
        column=here.column,
        end_line=getattr(code.scope.ops[op], "end_line", here.line) if op else here.line,
        symbol=code.name,
        message=message,
        severity=severity or rule.severity,
        confidence=confidence,
        claims=rule.claims,
        help=help,
        fingerprint="",
        cause=shared(rule.code, cause) if cause else shared(rule.code, code.key, message),
        cause_message=cause_message or message,
        roots=roots,
        trace=(*before, here, *after),
    )


def shared(*parts: str) -> str:
    """A short name for the cause that findings share, made of what tells it from others."""
    return hashlib.blake2b("\0".join(parts).encode(), digest_size=6).hexdigest()


def hop(code: Code, op: int, note: str) -> Hop:
    """A step of a path: an operation of a function, the function's own line where ``op`` is 0."""
    found = code.scope.ops[op]
    line = getattr(found, "line", code.scope.line) if op else code.scope.line
    column = getattr(found, "column", 0) if op else code.scope.column
    return Hop(code.module.path, line, column, code.name, note)
