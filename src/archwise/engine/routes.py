"""Where routes hang: the prefixes that routers, applications and URL lists put before a path."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from archwise.engine import ir
from archwise.engine.known_as import known_as
from archwise.engine.values import (
    ClassValue,
    External,
    ExternalInstance,
    Instance,
    Literal,
    ModuleValue,
    Symbolic,
    is_known,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archwise.engine.inference import Inference
    from archwise.engine.origins import Origin, Origins
    from archwise.engine.program import Code, Module
    from archwise.knowledge.schema import Mount

_DEEPEST = 6
_MOST = 8
_URLS = frozenset({"path", "re_path", "url"})


class Routes:
    """Puts whole paths together."""

    def __init__(self, inference: Inference, origins: Origins) -> None:
        self._inference = inference
        self._origins = origins

    def text(self, code: Code, index: int) -> str | None:
        """A text that is known, whole or from an f-string whose parts are known."""
        values = self._inference.values(code, index)
        op = code.scope.ops[index]
        if isinstance(op, ir.Formatted):
            parts = [self.text(code, part) for part in op.parts]
            return "".join(part if part is not None else "{}" for part in parts)
        if isinstance(op, ir.Operation) and op.method == "__add__":
            return f"{self.text(code, op.value) or ''}{self.text(code, op.operand) or ''}"
        if len(values) == 1 and isinstance(values[0], Literal) and values[0].kind == "str":
            return values[0].text
        return None

    def whole(self, place: Code, op: int, owner: Origin | None, own: str | None) -> tuple[str, ...]:
        """A route's paths; none where not even its own part is known."""
        if own is None:
            return ()
        if owner is not None:
            return tuple(dict.fromkeys(_joined(prefix, own) for prefix in self._prefixes(owner)))
        outer = self._listed_below.get((place, op))
        if outer is not None:
            scope, index = outer
            call = scope.scope.ops[index]
            given = self.text(scope, call.arguments[0]) if isinstance(call, ir.Call) and call.arguments else ""
            return self.whole(scope, index, None, _joined(given or "", own))
        return tuple(dict.fromkeys(_joined(prefix, own) for prefix in self._included(place.module)))

    def above(self, owner: Origin | None) -> Iterator[Origin]:
        """The calls that made what a route hangs on, and those that hung that on something else, nearest first."""
        seen: dict[Origin, None] = {}
        pending = [owner] if owner is not None else []
        while pending:
            here = pending.pop(0)
            if here not in seen:
                seen[here] = None
                yield here
                for parent, scope, index in self._hung.get(here, ()):
                    yield scope, index
                    if parent is not None:
                        pending.append(parent)

    # -- objects that hold routes

    def _prefixes(self, owner: Origin, depth: int = 0) -> list[str]:
        own = self._own_prefix(owner)
        hung = self._hung.get(owner, ())
        if depth > _DEEPEST or not hung:
            return [own]
        found: list[str] = []
        for parent, scope, index in hung[:_MOST]:
            given, replaces = self._given_prefix(scope, index)
            tail = given if replaces and given else _joined(given, own)
            for head in self._prefixes(parent, depth + 1) if parent is not None else [""]:
                found.append(_joined(head, tail))
        return list(dict.fromkeys(found))[:_MOST]

    def _own_prefix(self, owner: Origin) -> str:
        code, index = owner
        op = code.scope.ops[index]
        if not isinstance(op, ir.Call):
            return ""
        for cls in self._made(code, index):
            keyword = self._inference.facts.text(cls, "prefix")
            if keyword is not None:
                return self.text(code, op.argument(keyword)) or ""
        return ""

    def _made(self, code: Code, index: int) -> Iterator[str]:
        """The other packages' classes that what an operation makes is of."""
        for value in self._inference.values(code, index):
            if isinstance(value, ExternalInstance):
                yield value.name
            elif isinstance(value, Instance):
                yield from self._inference.classes.external_bases(value.code)

    def _given_prefix(self, code: Code, index: int) -> tuple[str, bool]:
        op = code.scope.ops[index]
        mount = self._mount(code, op) if isinstance(op, ir.Call) else None
        if mount is None or not isinstance(op, ir.Call):
            return "", False
        given = op.argument(mount.prefix) if mount.prefix is not None else 0
        return self.text(code, given) or "", mount.replaces

    @functools.cached_property
    def _hung(self) -> dict[Origin, list[tuple[Origin | None, Code, int]]]:
        """By the call that made a router: what it is hung on, and by which call."""
        found: dict[Origin, list[tuple[Origin | None, Code, int]]] = {}
        names = sorted({name.rpartition(".")[2] for name in self._inference.facts.mounts})
        for code, index, op in self._inference.program.calls(*names):
            mount = self._mount(code, op)
            if mount is None:
                continue
            child = op.argument(mount.child, mount.keyword or "")
            function = code.scope.ops[op.function]
            parent = self._origins.of(code, function.value) if isinstance(function, ir.Attribute) else None
            for origin in self._children(code, child) if child else ():
                if origin != parent:
                    found.setdefault(origin, []).append((parent, code, index))
        return found

    def _children(self, code: Code, index: int) -> list[Origin]:
        """What is hung: one object, or each of a list that is looped over."""
        origin = self._origins.of(code, index)
        if origin is None:
            return []
        place, found = origin
        op = place.scope.ops[found]
        if not isinstance(op, ir.Element):
            return [origin]
        items = (self._origins.of(*item) for item in self._listed(place, op.value))
        return [item for item in items if item is not None]

    def _mount(self, code: Code, op: ir.Call) -> Mount | None:
        """What a call says of hanging one object on another."""
        mounts = self._inference.facts.mounts
        called = self._inference.values(code, op.function)
        for value in called:
            for name in known_as(self._inference, value):
                if name in mounts:
                    return mounts[name]
        return (
            None if is_known(called) and not any(isinstance(v, Symbolic) for v in called) else self._by_child(code, op)
        )

    def _by_child(self, code: Code, op: ir.Call) -> Mount | None:
        """The same where only what is handed over is known: ``app.include_router(router)`` with any ``app``."""
        last = ir.identifier(code.scope.ops[op.function])
        for name, mount in self._inference.facts.mounts.items():
            if name.endswith(f".{last}"):
                child = op.argument(mount.child, mount.keyword or "")
                if any(cls.partition(".")[0] == name.partition(".")[0] for cls in self._made(code, child)):
                    return mount
        return None

    # -- lists of routes

    @functools.cached_property
    def _listed_below(self) -> dict[Origin, Origin]:
        """By a route's call: the ``Mount("/v1", routes=[…])`` or ``path("v1/", include([…]))`` it stands in."""
        found: dict[Origin, Origin] = {}
        for code, index, op in self._inference.program.calls("Mount"):
            for place, item in self._listed(code, op.argument("routes")):
                found[place, item] = code, index
        for code, index, given in self._includes:
            for place, item in self._listed(code, given):
                found[place, item] = code, index
        return found

    def _listed(self, code: Code, index: int) -> list[Origin]:
        """The items of a list that is written out, by itself or with a namespace beside it."""
        origin = self._origins.of(code, index) if index else None
        if origin is None:
            return []
        place, found = origin
        op = place.scope.ops[found]
        if not isinstance(op, ir.Display):
            return []
        if op.kind == "tuple" and op.items:
            return self._listed(place, op.items[0])
        return [(place, item) for item in op.items]

    @functools.cached_property
    def _includes(self) -> tuple[tuple[Code, int, int], ...]:
        """Django's ``path("v1/", include(given))``: the call of ``path``, and what is included."""
        found = []
        for code, index, view in self._views:
            op = code.scope.ops[view]
            if isinstance(op, ir.Call) and op.arguments and ir.identifier(code.scope.ops[op.function]) == "include":
                found.append((code, index, op.arguments[0]))
        return tuple(found)

    def _included(self, module: Module, depth: int = 0) -> list[str]:
        """What is put before the paths of a module."""
        places = self._included_modules.get(module, ())
        if depth > _DEEPEST or not places:
            return [""]
        found = [
            _joined(head, self._before(code, index))
            for code, index in places[:_MOST]
            for head in self._included(code.module, depth + 1)
        ]
        return list(dict.fromkeys(found))[:_MOST]

    def _before(self, code: Code, index: int) -> str:
        op = code.scope.ops[index]
        return (self.text(code, op.arguments[0]) if isinstance(op, ir.Call) and op.arguments else None) or ""

    @functools.cached_property
    def _included_modules(self) -> dict[Module, list[Origin]]:
        found: dict[Module, list[Origin]] = {}
        for code, index, given in self._includes:
            program = code.module.program
            name = self.text(code, given)
            module = program.modules.get(program.resolve(code.module, name) or "") if name else None
            for value in self._inference.values(code, given) if module is None else ():
                module = value.module if isinstance(value, ModuleValue) else module
            if module is not None and module is not code.module:
                found.setdefault(module, []).append((code, index))
        return found

    @functools.cached_property
    def _included_routers(self) -> dict[Origin, list[Origin]]:
        """By the call that made a router: where ``include(router.urls)`` stands."""
        found: dict[Origin, list[Origin]] = {}
        for code, index, given in self._includes:
            op = code.scope.ops[given]
            origin = self._origins.of(code, op.value) if isinstance(op, ir.Attribute) and op.name == "urls" else None
            if origin is not None:
                found.setdefault(origin, []).append((code, index))
        return found

    @functools.cached_property
    def _views(self) -> tuple[tuple[Code, int, int], ...]:
        """The calls of Django's ``path`` and its like, and the operation that gives each its view."""
        found = []
        for code, index, op in self._inference.program.calls(*sorted(_URLS)):
            if "django" not in code.module.summary.imports:
                continue
            view = op.argument(1, "view")
            known = self._inference.values(code, op.function)
            if view and any(isinstance(v, External) and v.name.startswith("django.") for v in known):
                found.append((code, index, view))
        return tuple(found)

    # -- classes as views

    def of_class(self, cls: Code) -> tuple[str, ...]:
        """The paths that views made of a class answer at."""
        return tuple(dict.fromkeys(self._of_classes.get(cls, ())))

    def named(self, place: Code, op: ir.AnyOp) -> tuple[str, ...]:
        """The name that a route's call gives it."""
        given = op.argument("name") if isinstance(op, ir.Call) else 0
        text = self.text(place, given) if given else None
        return (text,) if text else ()

    def names_of_class(self, cls: Code) -> tuple[str, ...]:
        """The names of the routes of views made of a class."""
        return tuple(dict.fromkeys(self._names_of_classes.get(cls, ())))

    @functools.cached_property
    def _names_of_classes(self) -> dict[Code, list[str]]:
        found: dict[Code, list[str]] = {}
        for code, index, cls in self._views_of_classes():
            found.setdefault(cls, []).extend(self.named(code, code.scope.ops[index]))
        for code, op, cls in self._registrations():
            found.setdefault(cls, []).extend(self._router_names(code, op, cls))
        return found

    def _router_names(self, code: Code, op: ir.Call, cls: Code) -> Iterator[str]:
        """What a router of Django REST framework calls its routes: after ``basename``, else mostly after the class."""
        given = op.argument(2, "basename")
        base = self.text(code, given) if given else cls.scope.name.removesuffix("ViewSet").lower()
        if base:
            actions = (method.scope.name for method in self._inference.classes.methods(cls))
            yield from (f"{base}-{each.replace('_', '-')}" for each in ("list", "detail", *actions))

    @functools.cached_property
    def _of_classes(self) -> dict[Code, list[str]]:
        found: dict[Code, list[str]] = {}
        for code, index, cls in self._views_of_classes():
            found.setdefault(cls, []).extend(self.whole(code, index, None, self._before(code, index)))
        for code, op, cls in self._registrations():
            found.setdefault(cls, []).extend(self._registered(code, op))
        return found

    def _registrations(self) -> Iterator[tuple[Code, ir.Call, Code]]:
        """The calls ``router.register("orders", OrderViewSet)`` of Django REST framework, with the class."""
        for code, _, op in self._inference.program.calls("register"):
            if len(op.arguments) > 1 and "rest_framework" in code.module.summary.imports:
                for cls in self._classes(code, op.arguments[1]):
                    yield code, op, cls

    def _views_of_classes(self) -> Iterator[tuple[Code, int, Code]]:
        """The calls of Django's ``path`` that are given ``OrderView.as_view()``, with the class."""
        for code, index, view in self._views:
            function = code.scope.ops[code.callee(view)]
            if isinstance(function, ir.Attribute) and function.name == "as_view":
                for cls in self._classes(code, function.value):
                    yield code, index, cls

    def _classes(self, code: Code, index: int) -> list[Code]:
        return [value.code for value in self._inference.values(code, index) if isinstance(value, ClassValue)]

    def _registered(self, code: Code, op: ir.Call) -> Iterator[str]:
        """The paths of ``router.register("orders", OrderViewSet)``."""
        own = f"{self.text(code, op.arguments[0]) or ''}/"
        function = code.scope.ops[op.function]
        owner = self._origins.of(code, function.value) if isinstance(function, ir.Attribute) else None
        places = self._included_routers.get(owner, ()) if owner is not None else ()
        for scope, index in places:
            yield from self.whole(scope, index, None, _joined(self._before(scope, index), own))
        if not places:
            yield from self.whole(code, 0, None, own)


def _joined(head: str, tail: str) -> str:
    """Two parts of a path, with one slash between them; what marks a pattern's ends is left out."""
    head, tail = head.removeprefix("^"), tail.removeprefix("^").removesuffix("$")
    if not head:
        return tail if not tail or tail.startswith("/") else f"/{tail}"
    if not tail:
        return head if head.startswith("/") else f"/{head}"
    return f"/{head.strip('/')}/{tail.lstrip('/')}".replace("//", "/")
