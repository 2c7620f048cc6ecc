"""What kind of program it is: what it serves, who runs it, who imports it."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from archwise.engine import ir
from archwise.report.style import plural
from archwise.review.model import Place, Seen
from archwise.review.uses import factor_modules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archwise.engine.analysis import Analysis
    from archwise.engine.program import Code, Module
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
_EXPORTED, _EXPORTED_SHARE, _EXPORTED_MANY = 3, 0.1, 10
"""Names that a package gives out, and their share of the modules, from which on others are meant to import it though
it is run as well; so many are enough in any case."""
_COMMANDS = r"console_scripts|\[(project|tool\.poetry)\.scripts\]"
"""How a project says that it installs commands."""
_ENTRANCES = frozenset({"main.py", "cli.py", "console.py", "command.py", "app.py", "entrypoint.py", "entry_point.py"})
"""Modules that a distribution's commands lead to by custom."""
_AT_THE_EDGE = 0.05
"""Share of modules that serve, up to which a tool is one all the same …"""
_AMONG_SCRIPTS = 0.25
"""… and a collection of scripts, some of which are small sites."""


class Kind:
    """One program."""

    def __init__(self, analysis: Analysis, uses: Uses, serving: Serving, structure: Structure) -> None:
        self._analysis = analysis
        self._uses = uses
        self._serving = serving
        self._structure = structure

    def seen(self) -> Seen:
        """Its kind, as the guide has them."""
        if self._is_scripts:
            return self._scripts()
        if not self._serving.roots or self._serves_aside or self._serving.is_beside_events:
            return self._unserved()
        return self._served()

    @property
    def _serves_aside(self) -> bool:
        """Whether a few endpoints in a corner serve those who run its commands."""
        share = len(self._serving.modules) / len(self._uses.application)
        few = len(self._serving.roots) <= _FEW_ENDPOINTS or share <= _IN_ONE_PLACE
        main = any(_is_run(module) or _is_main(module) for module in self._serving.modules)
        aside = share <= _AT_THE_EDGE and few and not main and bool(self._commands)
        return aside and not (self._serving.graph or self._serving.content or self._models)

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
        if not self._serving.applications:
            why = f"{plural(served, 'endpoint')} for the applications of others: it makes none of its own"
            return Seen("library", why, self._endpoints())
        if self._serving.lent:
            why = f"{plural(served, 'endpoint')} that its examples mount in applications of their own"
            return Seen("library", why, tuple(self._serving.lent[:_MOST]))
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
        tasks = [self._serving.place(code, f"{code.name} is a task") for code in self._analysis.queues.tasks]
        if len(tasks) >= _MANY_TASKS:
            return Seen("worker", f"{len(tasks)} tasks, and no endpoints", tuple(sorted(tasks)[:_MOST]))
        handlers = self._serving.events
        functions = sum(code.scope.kind == "function" for m in self._uses.application for code in m.codes)
        if len(handlers) >= max(_MANY_TASKS, _HANDLER_SHARE * functions):
            beside = plural(len(self._serving.roots), "endpoint") if self._serving.roots else "no endpoints"
            why = f"{len(handlers)} handlers of events, and {beside}"
            return Seen("worker", why, tuple(handlers[:_MOST]), name=REACTS)
        exported, commands = self._given, self._commands
        packaged = any(module.is_package for module in self._uses.application)
        installed = self._analysis.beside.says(_COMMANDS)
        many = _EXPORTED_MANY if installed else _EXPORTED_SHARE * len(self._uses.application)
        imported = exported >= min(_EXPORTED_MANY, many)
        if not packaged or ((commands or installed) and not imported):
            given = f"{plural(exported, 'name')} for others to import" if exported else "nothing others would import"
            ran = plural(len(commands), "command") if commands or not installed else "commands that it installs"
            return Seen("tool", f"{ran}, and {given}", tuple(commands[:_MOST]))
        return Seen("library", "no endpoints, tasks or pages: packages for others to import")

    @functools.cached_property
    def _given(self) -> int:
        """How many names the top-level package gives out that gives out most."""
        return max((self._exported(m) for m in self._uses.application if self._is_top(m)), default=0)

    @functools.cached_property
    def _commands(self) -> list[Place]:
        """What is there to be run; a coroutine that a function runs on a loop of its own is no command."""
        return [
            *(
                self._serving.at(root)
                for root in self._analysis.roots
                if root.role == "command" and root.handler is not None and root.code.module in self._uses.application
            ),
            *(self._uses.place(m, 1, "is run by `python -m`") for m in self._uses.application if _is_run(m)),
            *(self._serving.place(code, f"{code.name} is run") for m in self._uses.application for code in _mains(m)),
        ]

    def _is_top(self, module: Module) -> bool:
        return module.is_package and "." not in self._analysis.program.imported_as(module)

    def _exported(self, module: Module) -> int:
        """How many names a package gives out: those it lists, else those it has and does not use, modules apart."""
        if module.summary.exports:
            return len(module.summary.exports)
        package, ops = self._analysis.program.imported_as(module), module.code.scope.ops
        used = {op.id for code in module.codes for op in code.scope.ops if isinstance(op, ir.Name)}
        given = [
            name
            for name, bindings in module.code.scope.bindings.items()
            if not name.startswith("_") and name not in used and not _is_module(ops[bindings[-1].value])
            if f"{package}.{name}" not in self._uses.own
        ]
        count = len(given) + sum(self._starred(module, ops[star]) for star in module.code.scope.stars)
        return count if count >= _EXPORTED else 0

    def _starred(self, module: Module, op: ir.AnyOp) -> int:
        """How many names a package gives out that has all of what a module of its own lists."""
        if not isinstance(op, ir.Import):
            return 0
        full = module.program.absolute(module, op.level, op.module)
        source = module.program.modules.get(full) if full is not None else None
        return len(source.summary.exports or ()) if source is not None else 0

    def _endpoints(self) -> tuple[Place, ...]:
        return tuple(self._serving.at(root) for root in self._serving.roots[:_MOST])


def _is_run(module: Module) -> bool:
    return module.path.rpartition("/")[2] == "__main__.py"


def _is_main(module: Module) -> bool:
    """Whether what it holds is what runs: a main block in a module of no package."""
    loose = not module.is_package and module.name.rpartition(".")[0] not in module.program.packages
    return loose and any(block.kind == "main" for block in module.code.scope.blocks)


def _mains(module: Module) -> Iterator[Code]:
    """The function that an entry point of a distribution names by custom; in modules of other names it shows them."""
    if module.path.rpartition("/")[2] not in _ENTRANCES:
        return iter(())
    return (code for code in module.codes if code.scope.kind == "function" and code.scope.qualname == "main")


def _is_module(op: ir.AnyOp) -> bool:
    return isinstance(op, ir.Import) and not op.name
