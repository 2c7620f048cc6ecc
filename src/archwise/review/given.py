"""What a program gives to others: names to import, and how much of it they bring; commands to run."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from archwise.engine import ir
from archwise.review.classified import classified
from archwise.review.uses import MANAGED, factor_modules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archwise.engine.analysis import Analysis
    from archwise.engine.program import Code, Module
    from archwise.review.applications import Applications
    from archwise.review.classified import Classified
    from archwise.review.model import Place
    from archwise.review.serving import Serving
    from archwise.review.uses import Uses

_FEWEST, _SEVERAL, _MANY = 3, 4, 10
"""Names that a package gives out, from which on others are meant to import it, though it is run as well, and from which
on it gives many."""
_BROUGHT, _BROUGHT_BY_MANY = 0.3, 0.2
"""Share of the modules that come with those names, from which on it is there to be imported though it is run as well;
the second where there are many names."""
_NAMES_SHARE = 0.1
"""Names for each module, from which on the same holds of what installs no command."""
_COMMANDS = r"console_scripts|\[(project|tool\.poetry)\.scripts\]"
"""How a project says that it installs commands."""
_ENTRANCES = frozenset({"main.py", "cli.py", "console.py", "command.py", "app.py", "entrypoint.py", "entry_point.py"})
"""Modules that a distribution's commands lead to by custom."""


class Given:
    """One program."""

    def __init__(self, analysis: Analysis, uses: Uses, serving: Serving, applications: Applications) -> None:
        self._analysis = analysis
        self._uses = uses
        self._serving = serving
        self._applications = applications

    @functools.cached_property
    def names(self) -> int:
        """How many names the top-level package gives out that gives out most."""
        return max((self._exported(module) for module in self._tops), default=0)

    @functools.cached_property
    def brought(self) -> frozenset[Module]:
        """The modules that come with the packages that give names out, or with a name when somebody asks for it."""
        tops = {module for module in self._tops if self._exported(module) >= _FEWEST} or set(self._tops)
        later = {each.target for module in tops for each in self._analysis.imports.of(module)}
        return self._uses.reached(tops | later, called=False) & frozenset(self._uses.application)

    @functools.cached_property
    def installs(self) -> bool:
        """Whether the project installs commands that work without an extra."""
        leading = self._leading
        if leading is None:
            return self._analysis.beside.says(_COMMANDS)
        return len(leading) > len(self.entrances) or not all(map(self._needs_extra, self.entrances))

    def _needs_extra(self, entrance: Module) -> bool:
        """Whether a command leads to what serves, where that is an extra, or begins with what only one brings."""
        if self._applications.is_extra and self._serving.modules & self._uses.reached([entrance], called=True):
            return True
        first = {each.target for each in self._analysis.imports.of(entrance) if each.when == "import"}
        return any(map(self._imports_extra, {entrance, *first}))

    def _imports_extra(self, module: Module) -> bool:
        declared = self._analysis.beside.declared(module.path)
        ops = module.code.scope.ops
        roots = {op.module.partition(".")[0] for op in ops if isinstance(op, ir.Import) and not (op.level or op.block)}
        others = roots - self._uses.own  # an extra may name its own distribution
        return declared is not None and any(declared.only_with_extra([root]) for root in others)

    @functools.cached_property
    def entrances(self) -> tuple[Module, ...]:
        """The modules that the commands which the project installs lead to, as far as they are its own."""
        leading = self._leading or ()
        return tuple(m for m in self._uses.application if self._analysis.program.imported_as(m) in leading)

    @functools.cached_property
    def _leading(self) -> frozenset[str] | None:
        """The modules that commands lead to, by name; None where no project file lists what is needed."""
        found = {self._analysis.beside.declared(module.path) for module in self._tops or self._uses.application}
        return None if found <= {None} else frozenset(name for each in found if each for name in each.commands)

    @functools.cached_property
    def classified(self) -> Classified:
        """What its project says that it is: that of what serves, or of its packages."""
        return classified(self._analysis.beside, self._serving.modules or self._tops or self._uses.application)

    @functools.cached_property
    def is_imported(self) -> bool:
        """Whether others are meant to import it, though it is run as well; nobody imports what fills a screen."""
        if self.commands and self._uses.of(factor_modules("kind", "tool")):
            return False
        count = len(self._uses.application)
        given = self.gives_many or (self.classified.library and self.names >= _FEWEST)
        if self.brings_much or (given and len(self.brought) >= _BROUGHT_BY_MANY * count):
            return True
        return not self.installs and self.names >= min(_MANY, _NAMES_SHARE * count)

    @property
    def brings_much(self) -> bool:
        """Whether a good part of it comes with the names that it gives out."""
        fewest = _SEVERAL if self.commands or self.installs else _FEWEST
        return self.names >= fewest and len(self.brought) >= _BROUGHT * len(self._uses.application)

    @property
    def gives_many(self) -> bool:
        """Whether it gives out many names."""
        return self.names >= _MANY

    @property
    def is_built_on(self) -> bool:
        """Whether it is there for others to build on: many names, and a good part of it comes with them."""
        return self.brings_much and self.gives_many

    @functools.cached_property
    def offered(self) -> int:
        """How many commands a command line offers that a library for such reads."""
        own = set(self._uses.application)
        return len({r.code for r in self._analysis.roots if r.role == "command" and r.by.endswith(".command")
                    and r.code.module in own})  # fmt: skip

    @functools.cached_property
    def commands(self) -> list[Place]:
        """What is there to be run; a coroutine that a function runs on a loop of its own is no command.

        What Django's ``manage.py`` runs belongs to the sites that install it.
        """
        optional = set(filter(self._needs_extra, self.entrances))
        application = [m for m in self._uses.application if MANAGED not in m.path and m not in optional]
        return [
            *(
                self._serving.at(root)
                for root in self._analysis.roots
                if root.role == "command" and root.handler is not None and root.code.module in application
            ),
            *(self._uses.place(module, 1, "is run by `python -m`") for module in application if is_run(module)),
            *(self._serving.place(code, f"{code.name} is run") for module in application for code in _mains(module)),
        ]

    @functools.cached_property
    def _tops(self) -> tuple[Module, ...]:
        return tuple(module for module in self._uses.application if self._is_top(module))

    def _is_top(self, module: Module) -> bool:
        """Whether a package lies in no other; what distributions share of a name (PEP 420) is none."""
        *around, _ = self._analysis.program.imported_as(module).split(".")
        outer = {".".join(around[:count]) for count in range(1, len(around) + 1)}
        return module.is_package and outer.isdisjoint(self._uses.own)

    def _exported(self, module: Module) -> int:
        """How many names a package gives out: those it lists, else those it has and does not use, modules apart."""
        if module.summary.exports:
            return sum(not name.startswith("_") for name in module.summary.exports)
        package, ops = self._analysis.program.imported_as(module), module.code.scope.ops
        used = {op.id for code in module.codes for op in code.scope.ops if isinstance(op, ir.Name)}
        given = [
            name
            for name, bindings in module.code.scope.bindings.items()
            if not name.startswith("_") and name not in used and not _is_module(ops[bindings[-1].value])
            if f"{package}.{name}" not in self._uses.own
        ]
        count = len(given) + sum(self._starred(module, ops[star]) for star in module.code.scope.stars)
        return count if count >= _FEWEST else 0

    def _starred(self, module: Module, op: ir.AnyOp) -> int:
        """How many names a package gives out that has all of what a module of its own lists, or defines."""
        if not isinstance(op, ir.Import):
            return 0
        full = module.program.absolute(module, op.level, op.module)
        source = module.program.modules.get(full) if full is not None else None
        if source is None:
            return 0
        defined = (each.scope.name for each in source.codes if each.parent is source.code)
        names = source.summary.exports or set(defined)
        return sum(not name.startswith("_") for name in names)


def is_run(module: Module) -> bool:
    """Whether ``python -m`` runs it by the name of its package."""
    return module.path.rpartition("/")[2] == "__main__.py"


def _mains(module: Module) -> Iterator[Code]:
    """The function that an entry point of a distribution names by custom; in modules of other names it shows them."""
    if module.path.rpartition("/")[2] not in _ENTRANCES:
        return iter(())
    return (code for code in module.codes if code.scope.kind == "function" and code.scope.qualname == "main")


def _is_module(op: ir.AnyOp) -> bool:
    return isinstance(op, ir.Import) and not op.name
