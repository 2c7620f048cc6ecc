"""The whole program, read: what rules ask their questions of."""

from __future__ import annotations

import functools
from collections import Counter
from typing import TYPE_CHECKING

from archwise.engine import ir
from archwise.engine.background import Later, left_for_later
from archwise.engine.contexts import Contexts, is_test
from archwise.engine.cycles import Cycles
from archwise.engine.effects import Effects
from archwise.engine.endpoints import Endpoint, Endpoints
from archwise.engine.error_bodies import ErrorBodies, ErrorBody
from archwise.engine.events import Events
from archwise.engine.exceptions import Exceptions
from archwise.engine.exercised import Exercised
from archwise.engine.fallback import Fallback
from archwise.engine.features import Features
from archwise.engine.halves import Halves
from archwise.engine.imports import Imports
from archwise.engine.inference import Inference
from archwise.engine.isolation import Isolation
from archwise.engine.kept import Kept
from archwise.engine.layers import Declared, Layers
from archwise.engine.leftovers import Leftover, Leftovers
from archwise.engine.loop_bound import LoopBound
from archwise.engine.models import Models
from archwise.engine.origins import Origins
from archwise.engine.orm.loops import Loops
from archwise.engine.outgoing import Outgoing
from archwise.engine.passing import Passing
from archwise.engine.program import Code, Module, Program
from archwise.engine.projectfiles import ProjectFiles
from archwise.engine.public import Public
from archwise.engine.public_attributes import PublicAttributes
from archwise.engine.queues import Queues
from archwise.engine.responses import Responses
from archwise.engine.roots import Roots
from archwise.engine.stepped import stepped
from archwise.engine.suite import Suite
from archwise.engine.unmade import Unmade
from archwise.engine.values import ExternalInstance, Instance, Self, Value
from archwise.engine.variables import Variables
from archwise.knowledge.facts import Facts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from archwise.engine.reach import Reach
    from archwise.engine.root import Root
    from archwise.engine.values import Environment, Value
    from archwise.knowledge.schema import File, Object


class Analysis:
    """A program with everything derived from it; each part is computed when it is first asked for."""

    def __init__(
        self,
        summaries: Mapping[str, ir.Summary],
        files: Mapping[str, File],
        declared: Declared | None = None,
        beside: Mapping[str, str] | None = None,
        templates: Mapping[str, str] | None = None,
    ) -> None:
        """``summaries`` are keyed by path relative to the root, as are the texts of the files ``beside`` them and of
        ``templates``.

        ``files`` are knowledge by import root. ``declared`` is the structure that the project says it has; without it,
        it is inferred.
        """
        self.beside = ProjectFiles(beside or {})
        self._templates = templates or {}
        self.program = Program(summaries)
        self.facts = Facts(files)
        self.imports = Imports(self.program)
        self.cycles = Cycles(self.imports)
        self.inference = Inference(self.program, self.facts)
        self.events = Events(self.inference)
        self.fallback = Fallback(self.inference)
        declared = declared or Declared()
        self.layers = Layers(self.inference, self.imports, lambda: self.serving, declared)
        self.features = Features(self.program, self.imports, declared)
        self.variables = Variables(self.inference)
        self.public = Public(self.inference, self.imports, lambda: self.roots)
        self.public_attributes = PublicAttributes(self.inference, self.fallback, self.public)
        self._reaches: dict[Code, tuple[Reach, ...]] = {}
        self.effects = Effects(self.inference, self.events, self.fallback)

    @functools.cached_property
    def roots(self) -> tuple[Root, ...]:
        """The functions frameworks call."""
        return self._roots.find()

    @property
    def registrations(self) -> tuple[Root, ...]:
        """The functions frameworks call, each as often as a framework is told of it."""
        return self._roots.registrations

    @functools.cached_property
    def _roots(self) -> Roots:
        return Roots(self.inference, self.fallback, self.beside)

    @functools.cached_property
    def threaded(self) -> frozenset[str]:
        """The functions that a framework is told to run in threads, by name."""
        return frozenset(root.code.name for root in self.roots if root.threaded)

    @functools.cached_property
    def loop_bound(self) -> LoopBound:
        """Which async functions must stay so although they await nothing."""
        return LoopBound(self.inference, self.events, self._roots)

    @functools.cached_property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """The functions that answer requests, once for each route."""
        return self._endpoints.find()

    @functools.cached_property
    def _endpoints(self) -> Endpoints:
        return Endpoints(self.inference, self._roots)

    def dependencies(self, code: Code, parameter: ir.Parameter | None = None) -> tuple[Value, ...]:
        """What the parameters of a function, or one of them, ask the framework to inject."""
        asked = (
            self._endpoints.of_signature(code) if parameter is None else self._endpoints.of_parameter(code, parameter)
        )
        return tuple(asked)

    @functools.cached_property
    def background_tasks(self) -> tuple[Later, ...]:
        """The calls that leave work to the server's process for after the response."""
        return tuple(left_for_later(self.inference))

    @functools.cached_property
    def models(self) -> Models:
        """The classes that declare data."""
        return Models(self.inference)

    @functools.cached_property
    def queues(self) -> Queues:
        """The tasks that workers run, and where they are enqueued."""
        return Queues(self.inference, self.roots)

    @functools.cached_property
    def serving(self) -> Mapping[Module, int]:
        """The modules of the application that hold endpoints, and how many."""
        return Counter(
            root.code.module for root in self.roots if root.role in ("endpoint", "websocket") and not is_test(root.code)
        )

    def stands_for(self, value: Value) -> Object | None:
        """What an object is to a program, by its class or one that this derives from."""
        if isinstance(value, ExternalInstance):
            return self.facts.stands_for(value.name)
        if isinstance(value, (Instance, Self)):
            cls = value.code if isinstance(value, Instance) else value.cls
            found = map(self.facts.stands_for, self.inference.classes.external_bases(cls))
            return next((each for each in found if each), None)
        return None

    @functools.cached_property
    def identifiers(self) -> frozenset[str]:
        """Every name that the program reads, as a name or an attribute, or imports."""
        found = set()
        for code in self.program.codes():
            for op in code.scope.ops:
                found.add(op.name if isinstance(op, ir.Import) else ir.identifier(op))
        return frozenset(found)

    @functools.cached_property
    def suite(self) -> Suite:
        """The program's tests."""
        return Suite(self.inference, self.beside)

    @functools.cached_property
    def isolation(self) -> Isolation:
        """What stands around the program's tests."""
        return Isolation(self.inference, self.suite)

    @functools.cached_property
    def exercised(self) -> Exercised:
        """What of the program its tests reach."""
        return Exercised(self.inference, Origins(self.inference))

    @functools.cached_property
    def leftovers(self) -> tuple[Leftover, ...]:
        """What tests leave changed for those after them."""
        return tuple(Leftovers(self.inference, self.suite, self.isolation).find())

    @functools.cached_property
    def outgoing(self) -> Outgoing:
        """The requests that functions send to other hosts."""
        return Outgoing(self.inference, Origins(self.inference))

    @functools.cached_property
    def exceptions(self) -> Exceptions:
        """Which exceptions of the program leave which functions."""
        return Exceptions(self.inference, self.events)

    @functools.cached_property
    def responses(self) -> Responses:
        """What clients get to see."""
        return Responses(self.inference, self._roots, self.endpoints)

    @functools.cached_property
    def error_bodies(self) -> tuple[ErrorBody, ...]:
        """What the JSON of the program's error responses is made of."""
        return ErrorBodies(self.inference, self.models, self.responses, self.roots, self.endpoints).find()

    @functools.cached_property
    def stepped(self) -> frozenset[Code]:
        """The async functions that the program steps itself, without an event loop."""
        return stepped(self.inference, self.events)

    @functools.cached_property
    def on_loop(self) -> tuple[Code, ...]:
        """Code that an event loop runs: async functions, plain ones that a framework or a library calls there."""
        stepped = self.stepped
        found = {code: None for code in self.program.codes() if code.scope.is_async and code not in stepped}
        found.update({root.code: None for root in self.roots if root.on_loop})
        for code in self._scheduled_elsewhere():
            found[code] = None
        self.effects.settle(found)
        while fresh := [code for code in self._called_back() if code not in found]:
            found.update(dict.fromkeys(fresh))
            self.effects.settle(fresh)
        return tuple(found)

    def _called_back(self) -> Iterator[Code]:
        launched = self.effects.launched(self.effects.known)
        for code, launches in launched.items():
            if any(passes == "loop" for _, _, passes, _ in launches):
                yield code

    def _scheduled_elsewhere(self) -> Iterator[Code]:
        """Plain functions that code outside any coroutine hands to a loop."""
        names = {
            name.rpartition(".")[2] for name, boundary in self.facts.boundaries.items() if boundary.passes == "loop"
        }
        for code, _, _ in self.program.calls(*sorted(names)):
            for target, launches in self.effects.launched([code]).items():
                if any(passes == "loop" for _, _, passes, _ in launches):
                    yield target

    @functools.cached_property
    def kept(self) -> Kept:
        """Which readings of properties that keep their value come after the first."""
        return Kept(self.inference, self.effects)

    @functools.cached_property
    def halves(self) -> Halves:
        """Where paths leave the asynchronous half of a program for a twin of what it has itself."""
        return Halves(self.inference)

    @functools.cached_property
    def unmade(self) -> Unmade:
        """Where paths lead to an object of a class of which the program makes none."""
        return Unmade(self.inference)

    @functools.cached_property
    def row_loops(self) -> Loops:
        """What the program's loops ask of a database row by row."""
        return Loops(
            self.inference,
            self.events,
            self.imports,
            self._templates,
            self.models,
            lambda: self.endpoints,
            lambda: self.contexts,
        )

    @functools.cached_property
    def contexts(self) -> Contexts:
        """When code runs, and from which root."""
        passing = Passing(self.events, self._roots.own_loops.begun)
        return Contexts(self.inference, passing, self.effects, self.roots, self.on_loop, lambda: self.endpoints)

    @functools.cached_property
    def launches(self) -> dict[Code, list[tuple[Code, int, str, Environment]]]:
        """Who makes which function run otherwise than by calling it."""
        return self.effects.launched([*self.on_loop, *self.effects.known])

    def reaches(self, code: Code) -> tuple[Reach, ...]:
        """The effects that a function which the loop runs has there, for each of its operations."""
        found = self._reaches.get(code)
        if found is None:
            found = self._reaches[code] = tuple(self._find_reaches(code))
        return found

    def _find_reaches(self, code: Code) -> Iterator[Reach]:
        whole = self.effects.of(code)
        if not (whole.reaches or whole.pendings):
            return
        launches = self.launches.get(code, ())
        outside = [each for each in launches if code.module.is_test or not each[0].module.is_test]
        environments = dict.fromkeys(environment for _, _, _, environment in outside)
        given = [(dict(environment), environment) for environment in environments if environment]
        for found in self.effects.by_place(code):
            reaches = dict(found.reaches)
            if found.pendings:
                for pending in found.pendings.values():
                    for reach in self.effects.settled(pending, given):
                        sink = reach.sink
                        reaches.setdefault((sink.code, sink.op, reach.effect.name, reach.once), reach)
            yield from reaches.values()
