"""AW902: give a client its application through a transport."""

import ast

from archwise.findings import Edit, Finding, Fix
from archwise.fixes.imports import import_beside
from archwise.fixes.source import Source, called, insertion

_TRANSPORTS = {"AsyncClient": "ASGITransport", "Client": "WSGITransport"}


def fix(source: Source, finding: Finding) -> Fix | None:
    """``app=app`` becomes ``transport=ASGITransport(app=app)``."""
    call = source.call_at(finding.line, finding.column, lambda call: called(call) in _TRANSPORTS)
    if call is None or any(keyword.arg in ("transport", None) for keyword in call.keywords):
        return None
    app = next((keyword for keyword in call.keywords if keyword.arg == "app"), None)
    named = _transport(source, call.func)
    if app is None or named is None:
        return None
    name, edits = named
    return Fix(
        f"pass the application through `{name}`",
        safe=True,
        content=source.digest,
        edits=(*edits, insertion(source.start(app), f"transport={name}("), insertion(source.end(app), ")")),
    )


def _transport(source: Source, client: ast.expr) -> tuple[str, tuple[Edit, ...]] | None:
    """The transport for a client's class, and what imports it."""
    if isinstance(client, ast.Attribute) and client.attr in _TRANSPORTS and isinstance(client.value, ast.Name):
        return f"{client.value.id}.{_TRANSPORTS[client.attr]}", ()
    if isinstance(client, ast.Name) and client.id in _TRANSPORTS:
        return import_beside(source, "httpx", client.id, _TRANSPORTS[client.id])
    return None
