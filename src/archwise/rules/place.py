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
) -> Finding:
    """A finding at an operation of a function; at the function's own line where ``op`` is 0.

    ``cause`` names what several findings have in common; without it each is a cause of its own.
    """
    found = code.scope.ops[op]
    line = getattr(found, "line", code.scope.line) if op else code.scope.line
    column = getattr(found, "column", 0) if op else code.scope.column
    end_line = getattr(found, "end_line", line) if op else line
    identity = "\0".join((rule.code, cause) if cause else (rule.code, code.key, message))
    return Finding(
        rule=rule.code,
        name=rule.name,
        path=code.module.path,
        line=line,
        column=column,
        end_line=end_line,
        symbol=code.name,
        message=message,
        severity=severity or rule.severity,
        confidence=confidence,
        claims=rule.claims,
        help=help,
        fingerprint="",
        cause=hashlib.blake2b(identity.encode(), digest_size=6).hexdigest(),
        cause_message=message,
        roots=roots,
        trace=(*before, Hop(code.module.path, line, column, code.name, note), *after),
    )


def hop(code: Code, op: int, note: str) -> Hop:
    """A step of a path: an operation of a function, the function's own line where ``op`` is 0."""
    found = code.scope.ops[op]
    line = getattr(found, "line", code.scope.line) if op else code.scope.line
    column = getattr(found, "column", 0) if op else code.scope.column
    return Hop(code.module.path, line, column, code.name, note)
