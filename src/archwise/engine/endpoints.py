"""The functions that answer requests: by which method and path, and what runs before them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from archwise.engine import ir
from archwise.engine.known_as import known_as
from archwise.engine.origins import Origin, Origins
from archwise.engine.routes import Routes
from archwise.engine.values import External, ExternalMethod, Value
from archwise.engine.values import Literal as LiteralValue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archwise.engine.inference import Inference
    from archwise.engine.program import Code
    from archwise.engine.root import Root
    from archwise.engine.roots import Roots
    from archwise.knowledge.schema import Handler

_VERBS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE"})
_ACTIONS = {
    "list": "GET",
    "retrieve": "GET",
    "create": "POST",
    "update": "PUT",
    "partial_update": "PATCH",
    "destroy": "DELETE",
}
"""The methods that Django REST framework's viewsets answer with."""
_RESTRICTING = {"require_GET": ("GET",), "require_POST": ("POST",), "require_safe": ("GET", "HEAD")}
_ANY = frozenset({"django", "rest_framework", "tornado", "falcon"})
"""Frameworks whose functions answer every method where nothing is said."""


class Endpoint(msgspec.Struct, frozen=True, gc=False):
    """A function that answers requests, as one route names it.

    ``methods`` are empty where it answers all, or where that is not seen. ``paths`` are whole, with what routers and
    applications put before them, one for each place the route hangs; empty where none is seen. ``dependencies`` are
    what the framework calls before it: those of its signature, its route and the routers and applications above.
    """

    code: Code
    framework: str
    methods: tuple[str, ...]
    paths: tuple[str, ...]
    label: str
    place: Code
    op: int
    dependencies: tuple[Value, ...]
    names: tuple[str, ...]
    """What its routes are called, to make paths of them; empty where they are given no names."""
    owner: Origin | None
    """The call that made the application or router it is registered on."""
    application: Origin | None = None
    """The call that made the outermost application that this is seen to hang on."""

    def option(self, name: str) -> int:
        """The operation of ``place`` that a keyword of the route gives; 0 where it is not given."""
        op = self.place.scope.ops[self.op]
        return op.argument(name) if isinstance(op, ir.Call) else 0

    @property
    def changes_state(self) -> bool:
        """Whether it answers a method that is there to change something."""
        return not {"POST", "PUT", "PATCH", "DELETE"}.isdisjoint(self.methods)


class Endpoints:
    """Finds endpoints."""

    def __init__(self, inference: Inference, roots: Roots) -> None:
        self._inference = inference
        self._roots = roots
        self._origins = Origins(inference)
        self._routes = Routes(inference, self._origins)

    def find(self) -> tuple[Endpoint, ...]:
        """All endpoints, in the order of the program."""
        found: dict[tuple[Code, Code, int], Endpoint] = {}
        for root in self._roots.registrations:
            if root.role != "endpoint" or root.place is None or (root.handler and not root.handler.http):
                continue
            if root.op or self._of_method(root.code):
                found.setdefault((root.code, root.place, root.op), self._endpoint(root, root.place))
        named = {endpoint.code for endpoint in found.values() if endpoint.op}
        return tuple(each for each in found.values() if each.op or each.code not in named)

    def _endpoint(self, root: Root, place: Code) -> Endpoint:
        op = place.scope.ops[root.op]
        call = op if isinstance(op, ir.Call) else None
        handler = root.handler
        framework = root.by.partition(".")[0]
        if root.op == 0:
            owner, paths, names = None, self._routes.of_class(place), self._routes.names_of_class(place)
            methods = self._of_method(root.code)
            injected: tuple[Value, ...] = ()
        else:
            owner = self._owner(place, call, op)
            own = self._path(place, call, handler.path if handler else 0)
            names = self._routes.named(place, op)
            paths = self._routes.whole(place, root.op, owner, own)
            methods = self._methods(root, place, call, handler, framework)
            injected = tuple(self._injected(root.code, place, call, owner))
        label = f"{'/'.join(methods)} {paths[0]}".strip() if paths else root.label
        application = self._application(owner)
        return Endpoint(
            root.code, framework, methods, paths, label, place, root.op, injected, names, owner, application
        )

    def _owner(self, place: Code, call: ir.Call | None, op: ir.AnyOp) -> Origin | None:
        """Where the object was made whose method registers."""
        function = place.scope.ops[call.function] if call is not None else op
        return self._origins.of(place, function.value) if isinstance(function, ir.Attribute) else None

    def _application(self, owner: Origin | None) -> Origin | None:
        """What is outermost of that which an object hangs on, routers apart: those have a prefix."""
        facts = self._inference.facts
        found = None
        for place, index in self._routes.above(owner):
            op = place.scope.ops[index]
            for value in self._inference.values(place, op.function) if isinstance(op, ir.Call) else ():
                names = [name for name in known_as(self._inference, value) if facts.class_(name)]
                if names and not isinstance(value, ExternalMethod) and not any(facts.text(n, "prefix") for n in names):
                    found = place, index
        return found

    def _path(self, place: Code, call: ir.Call | None, position: int) -> str | None:
        if call is None:
            return None
        given = call.argument(position, "path", "rule", "uri", "route")
        return self._routes.text(place, given) if given else None

    # -- methods

    def _methods(
        self, root: Root, place: Code, call: ir.Call | None, handler: Handler | None, framework: str
    ) -> tuple[str, ...]:
        verb = root.by.rpartition(".")[2].removeprefix("add_").upper()
        if verb in _VERBS:
            return (verb,)
        if call is not None:
            given = call.argument("methods")
            if not given and handler is not None and handler.verb is not None and handler.verb < len(call.arguments):
                given = call.arguments[handler.verb]
            if not given and verb == "API_VIEW" and call.arguments:
                given = call.arguments[0]
            if given:
                return tuple(sorted(text.upper() for text in self._texts(place, given)))
        named = self._of_method(root.code) or self._restricted(root.code)
        return named or (() if framework in _ANY else ("GET",))

    def _of_method(self, code: Code) -> tuple[str, ...]:
        """What a class's method answers, by its name."""
        if code.owner is None:
            return ()
        name = code.scope.name.removeprefix("on_")
        verb = _ACTIONS.get(name, name.upper())
        return (verb,) if verb in _VERBS else ()

    def _restricted(self, code: Code) -> tuple[str, ...]:
        """The methods that Django's decorators leave a view."""
        for parent, index in code.decorators:
            op = parent.scope.ops[index]
            name = parent.callee_name(index)
            if name in _RESTRICTING:
                return _RESTRICTING[name]
            if name in ("require_http_methods", "api_view") and isinstance(op, ir.Call) and op.arguments:
                return tuple(sorted(text.upper() for text in self._texts(parent, op.arguments[0])))
        return ()

    def _texts(self, code: Code, index: int) -> Iterator[str]:
        origin = self._origins.of(code, index)
        if origin is None:
            return
        place, found = origin
        op = place.scope.ops[found]
        for item in op.items if isinstance(op, ir.Display) else (found,):
            text = self._routes.text(place, item)
            if text and text != "*":
                yield text

    # -- dependencies

    def _injected(self, code: Code, place: Code, call: ir.Call | None, owner: Origin | None) -> Iterator[Value]:
        yield from self.of_signature(code)
        if call is not None:
            yield from self._listed(place, call.argument("dependencies"))
        for scope, index in self._routes.above(owner):
            made = scope.scope.ops[index]
            if isinstance(made, ir.Call):
                yield from self._listed(scope, made.argument("dependencies"))

    def of_signature(self, code: Code) -> Iterator[Value]:
        """What the parameters of a function ask the framework to inject."""
        for parameter in code.scope.parameters:
            yield from self.of_parameter(code, parameter)

    def of_parameter(self, code: Code, parameter: ir.Parameter) -> Iterator[Value]:
        """What one of them asks it to inject."""
        for index in (parameter.default, parameter.annotation):
            if index and code.parent is not None:
                yield from self._asked(code.parent, index)

    def _asked(self, code: Code, index: int) -> Iterator[Value]:
        origin = self._origins.of(code, index) if not isinstance(code.scope.ops[index], ir.Call) else (code, index)
        if origin is None:
            return
        place, found = origin
        op = place.scope.ops[found]
        if isinstance(op, ir.Call):
            yield from self._dependency(place, op)
        elif isinstance(op, ir.Item) and ir.identifier(place.scope.ops[op.value]) == "Annotated":
            parts = place.scope.ops[op.key]
            for part in parts.items[1:] if isinstance(parts, ir.Display) else ():
                yield from self._asked(place, part)

    def _listed(self, code: Code, index: int) -> Iterator[Value]:
        origin = self._origins.of(code, index) if index else None
        if origin is None:
            return
        place, found = origin
        op = place.scope.ops[found]
        for item in op.items if isinstance(op, ir.Display) else ():
            yield from self._asked(place, item)

    def _dependency(self, code: Code, op: ir.Call) -> Iterator[Value]:
        facts = self._inference.facts
        for value in self._inference.values(code, op.function):
            if isinstance(value, External):
                function = facts.functions.get(facts.canonical(value.name))
                if function is not None and function[0].returns == "arg0()":
                    given = op.argument(0, "dependency")
                    for found in self._inference.values(code, given):
                        if not isinstance(found, LiteralValue):
                            yield found
