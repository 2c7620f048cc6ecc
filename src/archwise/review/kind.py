"""What kind of program it is: what it serves, who runs it, who imports it."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

from archwise.report.style import plural
from archwise.review.applications import Applications
from archwise.review.given import Given, is_run
from archwise.review.model import Place, Seen
from archwise.review.uses import factor_modules

if TYPE_CHECKING:
    from archwise.engine.analysis import Analysis
    from archwise.engine.program import Module
    from archwise.review.serving import Serving
    from archwise.review.structure import Structure
    from archwise.review.uses import Uses

REACTS = "A program that answers events"
"""What a bot, or a plugin of something larger, is called: it has no endpoints, and its work comes in as events."""
_MOST = 40
_FEW_ENDPOINTS = 8
_MODEL_SHARE = 0.1
"""Share of modules that load models, from which on a service is there to serve them."""
_MANY_PAGES, _PAGE_SHARE, _LEAST_PAGES = 5, 0.2, 0.05
"""Places that render pages, and their share of the endpoints, from which on they are no by-product of an API: either,
but never less than the last share."""
_MANY_TASKS, _HANDLER_SHARE = 3, 0.01
"""Tasks or handlers of events from which on it is there to run them; of handlers also their share of the functions."""
_IN_ONE_PLACE = 0.01
"""Share of modules that serve, up to which many endpoints are a page of a program's own all the same."""
_AT_THE_EDGE = 0.05
"""Share of modules that serve, up to which a tool is one all the same …"""
_BESIDE_COMMANDS = 0.1
"""… where it says itself that it is run in a console, or offers several commands …"""
_AMONG_SCRIPTS = 0.25
"""… and a collection of scripts, some of which are small sites."""


class Kind:
    """One program."""

    def __init__(self, analysis: Analysis, uses: Uses, serving: Serving, structure: Structure) -> None:
        self._analysis = analysis
        self._uses = uses
        self._serving = serving
        self._structure = structure
        self._applications = Applications(analysis, uses, serving)
        self._given = Given(analysis, uses, serving, self._applications)

    def seen(self) -> Seen:
        """Its kind, as the guide has them."""
        if self._is_scripts:
            return self._scripts()
        if self._serving.roots and any(
            (
                self._applications.is_extra,
                self._is_apart,
                self._is_startless,
                self._is_said_otherwise,
            )
        ):
            return self._given_out()
        if not self._serving.roots or self._serves_aside or self._serving.is_beside_events:
            return self._unserved()
        return self._served()

    @functools.cached_property
    def is_beside(self) -> bool:
        """Whether what serves is next to nothing of what is there to be run or imported."""
        least = len(self._serving.modules) <= _IN_ONE_PLACE * len(self._uses.application)
        more = any(self._serving.inherited.values()) or self._serving.sockets
        few = len(self._serving.roots) <= _FEW_ENDPOINTS and not more
        return least and few and self.seen().value in ("tool", "library")

    @property
    def _is_apart(self) -> bool:
        """Whether what others import brings more than what is there to serve alone, and nothing of that."""
        brought = self._given.brought
        if self._serving.modules & brought or not self._given.brings_much or self._is_script_run:
            return False
        alone = self._uses.reached(self._serving.modules, called=True) - brought
        return len(alone & set(self._uses.application)) <= len(brought)

    @property
    def _is_said_otherwise(self) -> bool:
        """Whether its project says that it is something else, and the code does not belie that."""
        said, run = self._given.classified, self._given.commands or self._given.installs
        share = len(self._serving.modules) / len(self._uses.application)
        if self._applications.is_hosted:
            return False
        return bool(run) and share <= _BESIDE_COMMANDS if said.console else said.library and not run

    @property
    def _is_startless(self) -> bool:
        """Whether the application is made for others alone: they start it, or what they import does."""
        if self._applications.is_started or self._applications.is_for_itself or self._is_script_run:
            return False
        if self._given.is_built_on:
            return True
        run = [module for module in self._uses.application if module.has_main]
        reached = self._uses.reached(run, called=True)
        return self._is_corner and not self._given.commands and self._serving.modules.isdisjoint(reached)

    @property
    def _is_script_run(self) -> bool:
        """Whether what serves is started by a script beside the packages."""
        scripts = [module for module in self._structure.loose if module.has_main]
        return not self._serving.modules.isdisjoint(self._uses.reached(scripts, called=True))

    @property
    def _serves_aside(self) -> bool:
        """Whether endpoints serve those who run its commands: a few in a corner, or beside more that these do."""
        aside = (self._is_corner and self._given.commands) or self._is_one_of_many
        return bool(aside) and not any(map(self._is_entered, self._serving.modules))

    @property
    def _is_one_of_many(self) -> bool:
        """Whether to serve is one of several commands, or what the one that it installs does only when it is told."""
        if not self._given.entrances or self._is_more:
            return False
        share = len(self._serving.modules) / len(self._uses.application)
        if share <= _AT_THE_EDGE:
            at_once, told = (self._uses.reached(self._given.entrances, called=called) for called in (False, True))
            return not self._serving.modules & at_once and bool(self._serving.modules & told)
        few = len(self._serving.roots) <= _FEW_ENDPOINTS and share <= _BESIDE_COMMANDS
        return few and self._given.offered > 1 and not self._applications.is_started

    def _is_entered(self, module: Module) -> bool:
        """Whether somebody runs a module by its name: it is there for that, or the project's files say so."""
        entered = rf"(?<![\w.]){re.escape(self._analysis.program.imported_as(module))}\s*:\s*\w"
        return is_run(module) or module.has_main or self._analysis.beside.says(entered)

    @property
    def _is_corner(self) -> bool:
        """Whether a few endpoints, and no more, stand in a small part of it."""
        share = len(self._serving.modules) / len(self._uses.application)
        few = len(self._serving.roots) <= _FEW_ENDPOINTS or share <= _IN_ONE_PLACE
        return share <= _AT_THE_EDGE and few and not self._is_more

    @property
    def _is_more(self) -> bool:
        """Whether something else says that it is there to serve."""
        said = self._serving.graph or self._serving.content or self._models
        return bool(said) or self._applications.is_hosted

    @functools.cached_property
    def _models(self) -> list[Place]:
        """The modules that load models, of those that what serves builds on."""
        loading = self._uses.of(factor_modules("kind", "model-serving"))
        behind = {self._uses.shown(module.path) for module in self._behind_endpoints} if loading else ()
        return [place for place in loading if place.path in behind]

    @functools.cached_property
    def _behind_endpoints(self) -> set[Module]:
        """The modules that hold endpoints, and those that they import, one through another."""
        found = set(self._serving.modules)
        ahead = list(found)
        while ahead:
            targets = {each.target for each in self._analysis.imports.of(ahead.pop()) if each.when != "typing"} - found
            found |= targets
            ahead.extend(targets)
        return found

    @property
    def _is_scripts(self) -> bool:
        few = len(self._serving.modules) <= _AMONG_SCRIPTS * len(self._uses.application)
        return self._structure.is_scripts and few and not self._serving.graph

    def lifetime(self) -> Seen | None:
        """Scripts are run when somebody needs them; what else is here to stay, code does not show."""
        return Seen("one-off", "scripts that nothing imports") if self._is_scripts else None

    def _scripts(self) -> Seen:
        loose, count = self._structure.loose, len(self._uses.application)
        apart = f"{len(loose)} of {count} modules are in no package, and nothing imports them"
        if not loose:
            apart = f"no more than {self._structure.largest} of {count} modules hang together by imports"
        why = f"a collection of scripts: {apart}"
        return Seen("tool", why, tuple(self._uses.place(module, 1, "") for module in loose[:_MOST]))

    def _served(self) -> Seen:
        served = len(self._serving.roots)
        if not (self._applications.made or self._applications.is_for_itself):
            why = f"{plural(served, 'endpoint')} for the applications of others: it makes none of its own"
            return Seen("library", why, self._endpoints())
        if self._applications.lent:
            why = f"{plural(served, 'endpoint')} that its examples mount in applications of their own"
            return Seen("library", why, tuple(self._applications.lent[:_MOST]))
        models, pages = self._models, self._serving.pages
        fewest = _MANY_PAGES if self._serving.graph else min(_MANY_PAGES, max(2, round(_PAGE_SHARE * served)))
        least = max(fewest, round(_LEAST_PAGES * served))
        rendering = f"{plural(len(pages), 'place')} that render pages" if pages else "no pages"
        if len(pages) >= least:
            why = f"{rendering}, and {plural(served, 'endpoint')}"
            return Seen("full-stack", why, tuple(pages[:_MOST]))
        if len(models) >= max(1, _MODEL_SHARE * len(self._uses.application)):
            why = f"{served} endpoints, and {len(models)} modules load models to predict"
            return Seen("model-serving", why, tuple(models[:_MOST]))
        few = served <= _FEW_ENDPOINTS and not self._serving.repeated
        if few and self._structure.size().value == "small":
            return Seen("simple", f"{plural(served, 'endpoint')} in few modules", self._endpoints())
        return Seen("api", f"{plural(served, 'endpoint')}, and {rendering}", self._endpoints())

    def _unserved(self) -> Seen:
        tasks = self._serving.tasks
        if len(tasks) >= _MANY_TASKS:
            return Seen("worker", f"{len(tasks)} tasks, and no endpoints", tuple(tasks[:_MOST]))
        handlers = self._serving.events
        functions = sum(code.scope.kind == "function" for m in self._uses.application for code in m.codes)
        if len(handlers) >= max(_MANY_TASKS, _HANDLER_SHARE * functions) and not self._given.is_built_on:
            beside = plural(len(self._serving.roots), "endpoint") if self._serving.roots else "no endpoints"
            why = f"{len(handlers)} handlers of events, and {beside}"
            return Seen("worker", why, tuple(handlers[:_MOST]), name=REACTS)
        return self._given_out()

    def _given_out(self) -> Seen:
        """A tool that is run, or a library that is imported."""
        names, commands, installs = self._given.names, self._given.commands, self._given.installs
        packaged = any(module.is_package for module in self._uses.application)
        beside = (
            plural(len(self._serving.roots), "endpoint") + " beside that" if self._serving.roots else "no endpoints"
        )
        said = self._given.classified
        is_run = commands or installs
        if said.library != said.console and (said.console or not installs):
            is_tool = said.console and is_run
        else:
            is_tool = is_run and not self._given.is_imported
        if not packaged or is_tool or self._applications.is_not_installed:
            given = f"{plural(names, 'name')} for others to import" if names else "nothing others would import"
            ran = plural(len(commands), "command") if commands else "commands that it installs" if installs else ""
            why = f"{', '.join(filter(None, (ran, given)))}, and {beside}"
            return Seen("tool", why, tuple(commands[:_MOST]))
        return Seen("library", f"packages for others to import, and {beside}")

    def _endpoints(self) -> tuple[Place, ...]:
        return tuple(self._serving.at(root) for root in self._serving.roots[:_MOST])
