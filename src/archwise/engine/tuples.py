"""Named tuples that are made by a call, as the classes that they are: ``Point = namedtuple("Point", "x y")``."""

import ast
from collections.abc import Iterator

_MAKERS = frozenset({"namedtuple", "NamedTuple"})


def as_class(node: ast.Assign) -> ast.ClassDef | None:
    """The class that an assignment of a named tuple defines."""
    target, made = node.targets[0], node.value
    if len(node.targets) > 1 or not isinstance(target, ast.Name) or not isinstance(made, ast.Call):
        return None
    fields = list(fields_of(made))
    if not fields:
        return None
    found = ast.ClassDef(target.id, [made.func], [], list[ast.stmt](fields), [])
    return ast.copy_location(found, node)


def with_fields(node: ast.ClassDef) -> ast.ClassDef:
    """A class that derives from a named tuple made where its bases stand, with that tuple's fields as its own."""
    fields = [field for base in node.bases if isinstance(base, ast.Call) for field in fields_of(base)]
    if not fields:
        return node
    bases = [base.func if isinstance(base, ast.Call) and any(fields_of(base)) else base for base in node.bases]
    found = ast.ClassDef(node.name, bases, node.keywords, [*fields, *node.body], node.decorator_list)
    return ast.copy_location(found, node)


def fields_of(call: ast.Call) -> Iterator[ast.AnnAssign]:
    """The fields that a call declares, each with its type where that is written; none where it makes no named tuple."""
    name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
    if name not in _MAKERS or len(call.args) < 2:
        return
    given = call.args[1]
    if isinstance(given, ast.Constant) and isinstance(given.value, str):
        for word in given.value.replace(",", " ").split():
            yield _field(word, None, given)
    for part in given.elts if isinstance(given, (ast.List, ast.Tuple)) else ():
        typed = part.elts if isinstance(part, ast.Tuple) and len(part.elts) == 2 else [part, None]
        if isinstance(typed[0], ast.Constant) and isinstance(typed[0].value, str):
            yield _field(typed[0].value, typed[1], part)


def _field(name: str, type_: ast.expr | None, at: ast.expr) -> ast.AnnAssign:
    target = ast.copy_location(ast.Name(name, ast.Store()), at)
    annotation = type_ or ast.copy_location(ast.Constant(...), at)
    return ast.copy_location(ast.AnnAssign(target, annotation, None, 1), at)
