"""How code names the model of users, which a project's settings choose."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.engine import ir

if TYPE_CHECKING:
    from archwise.engine.program import Code

DJANGO_USERS = frozenset(f"django.contrib.auth.models.{name}" for name in ("User", "AbstractUser"))
"""Django's own user, and what `get_user_model` is known to give."""


def is_user(cls: Code, index: int) -> bool:
    """Whether an expression in a class body means whatever the settings say the user model is."""
    op = cls.scope.ops[index]
    module = cls.module.code.scope
    if isinstance(op, ir.Name) and len(bindings := module.bindings.get(op.id, ())) == 1:
        op, names = module.ops[bindings[0].value], module.ops
    else:
        names = cls.scope.ops
    if isinstance(op, ir.Call):
        return ir.identifier(names[op.function]) == "get_user_model"
    return ir.identifier(op) == "AUTH_USER_MODEL"
