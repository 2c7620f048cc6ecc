"""Answers questions about other packages by dotted name."""

import fnmatch
import functools
from collections.abc import Iterator, Mapping

import msgspec

from archwise.knowledge.schema import (
    Boundary,
    Class,
    File,
    Function,
    Handler,
    Kind,
    Mount,
    Object,
    Relation,
    Removed,
    Request,
    Response,
    Runner,
)


class Effect(msgspec.Struct, frozen=True):
    """What a call does to the thread that makes it."""

    kind: Kind
    name: str
    unless: tuple[str, ...] = ()
    timeout: str = ""
    twin: str = ""
    when_local: bool = False
    """Whether it is known to wait only where the object was made in the same function."""
    unless_made: tuple[str, ...] = ()
    """Arguments of the object's constructor with which it does not wait."""
    only: tuple[str, ...] = ()
    """Arguments of which it has to be given one for it to wait."""
    likely: bool = False
    """Whether something that is not known of the library decides."""
    coroutine: bool = False
    """Whether it happens as the call is awaited, or gone through: the library's own coroutine does it in place."""


class MethodFact(msgspec.Struct, frozen=True):
    """What calling a method does and gives."""

    effect: Effect | None
    returns: str | None
    coroutine: bool


class Facts:
    """The facts of a set of knowledge files."""

    def __init__(self, files: Mapping[str, File]) -> None:
        """``files`` are keyed by the import root they speak for."""
        self.functions: dict[str, tuple[Function, File]] = {}
        self.classes: dict[str, tuple[Class, File]] = {}
        self.boundaries: dict[str, Boundary] = {}
        self.superseded: dict[str, File] = {}
        self._built_on: dict[str, str] = {}
        self.handlers: list[Handler] = []
        self.mounts: dict[str, Mount] = {}
        self.requests: dict[str, Request] = {}
        self.runners: list[Runner] = []
        self.removed: dict[str, list[Removed]] = {}
        self._relations: dict[str, Relation] = {}
        self.responses: dict[str, Response] = {}
        self.revealing: dict[str, str] = {}
        self._aliases: dict[str, list[tuple[str, str]]] = {}
        self._canonical: dict[str, str] = {}
        self._thread_bound: list[str] = []
        self._customary: dict[str, set[str]] = {}
        self._methods: dict[tuple[str, str], MethodFact | None] = {}
        self._boundaries: dict[str, Boundary | None] = {}
        for root, file in files.items():
            self._add(file)
            if file.library.built_on:
                self._built_on[root] = file.library.built_on
            if file.superseded:
                self.superseded[root] = file
        self.coroutines = frozenset(
            {name.rpartition(".")[2] for name, (function, _) in self.functions.items() if function.coroutine}
            | {method for cls, _ in self.classes.values() for method in cls.coroutines}
        )
        self._registrars = {name for handler in self.handlers for name in (*handler.decorators, *handler.calls)}
        self._registrars.update(self.mounts, self.responses)
        self._makers = {
            name: handler.makes for handler in self.handlers if handler.makes for name in handler.decorators
        }

    def _add(self, file: File) -> None:
        self._thread_bound.extend(file.library.thread_bound)
        for name, text in file.library.customary.items():
            self._customary.setdefault(name, set()).add(text)
        for function in file.function:
            for name in function.names:
                self.functions[name] = function, file
        for cls in file.class_:
            for name in (cls.name, *cls.aliases):
                self.classes[name] = cls, file
        for boundary in file.boundary:
            for name in boundary.names:
                self.boundaries[name] = boundary
        self.handlers.extend(file.handler)
        for mount in file.mount:
            self.mounts.update(dict.fromkeys(mount.calls, mount))
        for request in file.request:
            self.requests.update(dict.fromkeys(request.calls, request))
        self.runners.extend(file.runner)
        for removed in file.removed:
            for name in removed.names:
                self.removed.setdefault(name, []).append(removed)
        for relation in file.relation:
            self._relations.update(dict.fromkeys(relation.names, relation))
        for response in file.response:
            self.responses.update(dict.fromkeys(response.calls, response))
        for revealing in file.revealing:
            self.revealing.update(dict.fromkeys(revealing.names, revealing.tells))
        for alias, module in sorted(file.library.module_aliases.items(), key=lambda pair: -len(pair[0])):
            self._aliases.setdefault(alias.partition(".")[0], []).append((alias, module))

    def canonical(self, name: str) -> str:
        """The name the files use for what is also called ``name``."""
        known = self._canonical.get(name)
        if known is None:
            known = self._canonical[name] = self._find_canonical(name)
        return known

    def _find_canonical(self, name: str) -> str:
        for _ in range(3):
            if name in self.functions or name in self.classes or name in self.boundaries:
                break
            for alias, module in self._aliases.get(name.partition(".")[0], ()):
                if name == alias or name.startswith(f"{alias}."):
                    name = module + name[len(alias) :]
                    break
            else:
                break
        found = self.classes.get(name)
        return found[0].name if found else name

    def class_(self, name: str) -> Class | None:
        """The class of this name."""
        found = self.classes.get(self.canonical(name))
        return found[0] if found else None

    def ancestors(self, name: str) -> Iterator[tuple[Class, File]]:
        """The class of this name and its bases, nearest first."""
        seen: set[str] = set()
        pending = [self.canonical(name)]
        while pending:
            found = self.classes.get(pending.pop(0))
            if found and found[0].name not in seen:
                seen.add(found[0].name)
                yield found
                pending.extend(self.canonical(base) for base in found[0].bases)

    def asks_database(self, name: str, method: str) -> bool:
        """Whether a method of a class goes to a database, waiting for it or awaited."""
        fact = self.method(name, method)
        if fact is None:
            return False
        if fact.effect is not None:
            return fact.effect.kind == "database"
        return fact.coroutine and self.canonical(name) in self._awaited_databases

    @functools.cached_property
    def methods(self) -> frozenset[str]:
        """The names of the methods that anything is said of, of whatever class."""
        classes = [cls for cls, _ in self.classes.values()]
        blocking = {name for cls in classes for methods in cls.blocks.values() for name in methods}
        return frozenset(blocking.union(*((*cls.coroutines, *cls.returns, *cls.free) for cls in classes)))

    @functools.cached_property
    def frameworks(self) -> frozenset[str]:
        """The packages whose endpoints answer requests, and those that they are made of."""
        serving = (handler for handler in self.handlers if handler.role == "endpoint")
        names = {name for handler in serving for name in (*handler.decorators, *handler.calls, *handler.bases)}
        roots = {name.partition(".")[0] for name in names}
        return frozenset(roots | {self.family(root) for root in roots})

    def family(self, root: str) -> str:
        """The package that a web framework, by its import root, is built on in the end; itself where on none."""
        seen = set()
        while root not in seen and (below := self._built_on.get(root)):
            seen.add(root)
            root = below
        return root

    @functools.cached_property
    def http_errors(self) -> frozenset[str]:
        """The last identifiers of the exceptions that frameworks answer with, and of what raises them."""
        return frozenset(name.rpartition(".")[2] for name, response in self.responses.items() if response.raised)

    def http_error(self, name: str) -> Response | None:
        """What is known of an exception, or of what raises it, by which a framework answers a request."""
        found = self.responses.get(self.canonical(name)) or self.responses.get(name)
        return found if found is not None and found.raised else None

    @functools.cached_property
    def _awaited_databases(self) -> frozenset[str]:
        """The asynchronous counterparts of the classes that wait for a database."""
        waiting = (pair for pair in self.classes.values() if "database" in pair[0].blocks)
        twins = (twin for cls, file in waiting for twin in (cls.twin, file.library.twin) if twin)
        return frozenset(map(self.canonical, twins))

    def function_effect(self, name: str) -> Effect | None:
        """What calling the function of this name does."""
        found = self.functions.get(self.canonical(name))
        if found is None or found[0].blocks is None:
            return None
        function, file = found
        twin = function.twin or file.library.twin or ""
        if not function.blocks:
            return None
        timeout, only, likely = function.timeout or "", function.only, function.likely
        awaited = function.coroutine
        return Effect(
            function.blocks, name, function.unless, timeout, twin, only=only, likely=likely, coroutine=awaited
        )

    def protocol(self, name: str, which: str) -> Effect | None:
        """What constructing (``init``), entering, iterating over or calling (``call_blocks``) an instance does."""
        for cls, file in self.ancestors(name):
            kind: Kind | None = getattr(cls, which)
            if kind:
                shown = {"init": cls.name, "iterates": f"iterating over {cls.name}", "enter": f"entering {cls.name}"}
                twin = cls.twin or file.library.twin or ""
                only = cls.only.get("__init__", ()) if which == "init" else ()
                made = cls.unless_made.get("__init__", ()) if which == "init" else ()
                name = shown.get(which, f"calling {cls.name}")
                return Effect(kind, name, (*cls.unless, *made), cls.timeout or "", twin, only=only)
        return None

    def stands_for(self, name: str) -> Object | None:
        """What an object of the class is to a program."""
        return next((cls.stands_for for cls, _ in self.ancestors(name) if cls.stands_for), None)

    def checks(self, name: str) -> frozenset[str]:
        """The decorators of methods that building an object of a class derived from this one runs."""
        return frozenset(decorator for cls, _ in self.ancestors(name) for decorator in cls.checks)

    def closes(self, name: str) -> bool:
        """Whether an object of the class holds something open until it is closed, and is of no use from then on."""
        return any(cls.closes for cls, _ in self.ancestors(name))

    def text(self, name: str, which: str) -> str | None:
        """A text of the class: the keyword ``prefix``, or a type, ``yields``, ``items``, ``call`` or ``keyed``."""
        for cls, _ in self.ancestors(name):
            found: str | None = getattr(cls, which)
            if found:
                return found
        return None

    @property
    def relates(self) -> bool:
        """Whether any library that the program imports has models with relations."""
        return bool(self._relations)

    def relation(self, name: str) -> Relation | None:
        """What relation between models a call of this name, or of a class derived from it, declares."""
        name = self.canonical(name)
        found = self._relations.get(name)
        if found is None:
            found = next((self._relations[c.name] for c, _ in self.ancestors(name) if c.name in self._relations), None)
        return found

    def pooled(self, name: str) -> str:
        """The name of the class or function where it builds something that is meant to be built once."""
        name = self.canonical(name)
        function = self.functions.get(name)
        if function:
            return name if function[0].pooled else ""
        return next((cls.name if cls.pooled else "" for cls, _ in self.ancestors(name) if cls.pooled is not None), "")

    def shares(self, name: str) -> tuple[str, ...]:
        """The keywords that hand the class what holds its connections."""
        return next((cls.shares for cls, _ in self.ancestors(name) if cls.shares), ())

    def attribute(self, name: str, attribute: str) -> str | None:
        """The type expression of an attribute."""
        for cls, _ in self.ancestors(name):
            if attribute in cls.attributes:
                return cls.attributes[attribute]
            for pattern, text in cls.attributes.items():
                if pattern[0] == "*" and len(pattern) > 1 and attribute.endswith(pattern[1:]):
                    return text
        if self.method(name, attribute) is None:
            for cls, _ in self.ancestors(name):
                if "*" in cls.attributes and not attribute.startswith("__"):
                    return cls.attributes["*"]
        return None

    def method(self, name: str, method: str) -> MethodFact | None:
        """What a method does and gives, by the nearest class that says."""
        key = name, method
        if key not in self._methods:
            self._methods[key] = self._find_method(name, method)
        return self._methods[key]

    def boundary(self, name: str) -> Boundary | None:
        """How a function, or ``Class.method``, runs a callable it is given."""
        if name not in self._boundaries:
            found = self.boundaries.get(self.canonical(name))
            if found is None:
                owner, _, method = name.rpartition(".")
                for cls, _file in self.ancestors(owner):
                    found = found or self.boundaries.get(f"{cls.name}.{method}")
            self._boundaries[name] = found
        return self._boundaries[name]

    def customary(self, name: str) -> str | None:
        """The type that untyped parameters of this name have by custom, where the libraries agree."""
        types = self._customary.get(name, set())
        return next(iter(types)) if len(types) == 1 else None

    def is_thread_bound(self, name: str) -> bool:
        """Whether a function, or a method by its class, belongs on one thread: the loop's, or its object's."""
        name = self.canonical(name)
        return any(fnmatch.fnmatchcase(name, pattern) for pattern in self._thread_bound)

    def knows(self, name: str) -> bool:
        """Whether anything is said of a function, class or method."""
        name = self.canonical(name)
        owner, _, last = name.rpartition(".")
        if name in self.functions or name in self.classes or self.boundary(name) is not None:
            return True
        return self.registers(owner, last) or self.method(owner, last) is not None

    def made(self, base: str, last: str) -> str:
        """The class of the object that a decorator of this name puts in a function's place; empty where it does not."""
        found = (self._makers.get(f"{cls}.{last}") for cls in (base, *(c.name for c, _ in self.ancestors(base))))
        return next(filter(None, found), "")

    def registers(self, base: str, method: str) -> bool:
        """Whether a method hands functions to a framework."""
        return any(f"{cls}.{method}" in self._registrars for cls in (base, *(c.name for c, _ in self.ancestors(base))))

    def _find_method(self, name: str, method: str) -> MethodFact | None:
        for cls, file in self.ancestors(name):
            named = next((kind for kind, methods in cls.blocks.items() if method in methods), None)
            returns = cls.returns.get(method)
            coroutine = method in cls.coroutines
            if not (named or returns or coroutine or method in cls.free) and not method.startswith("_"):
                named = next((kind for kind, methods in cls.blocks.items() if "*" in methods), None)
                coroutine = "*" in cls.coroutines
                returns = cls.returns.get("*")
            if named or returns or coroutine or method in cls.free:
                effect = None
                if named:
                    twin = cls.twin or file.library.twin or ""
                    local = method in cls.when_local
                    made = cls.unless_made.get(method, ())
                    shown, timeout = f"{cls.name}.{method}", cls.timeout or ""
                    only = cls.only.get(method, ())
                    likely = method in cls.likely
                    effect = Effect(named, shown, cls.unless, timeout, twin, local, made, only, likely, coroutine)
                return MethodFact(effect, returns, coroutine)
        return None
