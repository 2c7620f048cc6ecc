"""The application that a program's endpoints hang on: whether it makes one, starts it, or leaves that to others."""

from __future__ import annotations

import functools
import re
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from archwise.engine.analysis import Analysis
    from archwise.engine.program import Code, Module
    from archwise.review.model import Place
    from archwise.review.serving import Serving
    from archwise.review.uses import Uses

_APPLICATIONS = {
    "fastapi": {"fastapi": ("FastAPI",), "starlette": ("Starlette",)},
    "flask": {
        "flask": ("Flask",),
        "apiflask": ("APIFlask",),
        "flask_openapi3": ("OpenAPI",),
        "connexion": ("FlaskApp",),
    },
    "quart": {"quart": ("Quart",), "quart_trio": ("QuartTrio",)},
    "Starlette": {"starlette": ("Starlette",), "fastapi": ("FastAPI",)},
    "aiohttp": {"aiohttp": ("Application",)},
    "Tornado": {"tornado": ("Application",)},
}
"""What a framework's applications are made of, by the packages that have it."""
_MADE = ("fastapi", "flask", "quart")
"""Of those, what is hardly served but by an application that the same program makes."""
_PROJECT = {"django": ("get_wsgi_application", "get_asgi_application")}
"""What starts a project of Django's."""
_HOSTED = frozenset({"asgi.py", "wsgi.py"})
"""What the modules are called by custom that a server is told to run."""
_DISTRIBUTION = r"(?m)\bsetup\(|^\[(project|metadata|tool\.(poetry|flit|hatch|pdm|setuptools|uv_build))\b"
"""How a project says that it is a distribution."""
_FEW = 8
"""Endpoints up to which modules without an application of their own, or a project of Django's, are there for others."""


class Applications:
    """One program."""

    def __init__(self, analysis: Analysis, uses: Uses, serving: Serving) -> None:
        self._analysis = analysis
        self._uses = uses
        self._serving = serving

    @functools.cached_property
    def made(self) -> list[Place]:
        """Where an application is made that its endpoints hang on; without such an object, the first endpoint."""
        name = next(iter(self._serving.by_framework), "")
        made = _APPLICATIONS.get(name)
        small = self._analysis.beside.texts and len(self._serving.roots) <= _FEW
        if made and (name in _MADE or self._among_others or small):
            return [*self._uses.making(made), *self._deriving(made)]
        first = [self._serving.at(root) for root in self._serving.roots[:1]]
        if name != "django":
            return first
        few = len(self._serving.roots) + sum(map(len, self._serving.inherited.values())) <= _FEW
        lent = few and self._among_others and not self._serving.graph
        alone = self._is_distributed and not self.is_hosted
        return self._project if lent or alone else first

    @property
    def _is_distributed(self) -> bool:
        """Whether all that serves belongs to distributions, which say what they need."""
        return all(self._analysis.beside.declared(module.path) is not None for module in self._serving.modules)

    @property
    def is_for_itself(self) -> bool:
        """Whether the project of what serves says something, and not that others can install it."""
        return self._is_kept(self._serving.modules)

    @property
    def is_not_installed(self) -> bool:
        """Whether the same holds of all that there is."""
        return self._is_kept(self._uses.application)

    def _is_kept(self, modules: Iterable[Module]) -> bool:
        said = {text for m in modules for each in self._analysis.beside.above(m.path) for text in each.values()}
        return bool(said) and not any(re.search(_DISTRIBUTION, text) for text in said)

    @property
    def is_started(self) -> bool:
        """Whether it makes an application as a module is imported; also where that cannot be told."""
        made = _APPLICATIONS.get(next(iter(self._serving.by_framework), ""))
        if made is None:
            return True
        application = self._uses.application
        making = {code for m in application for name in _names(made, m) for code, _ in m.calls(name)}
        makers = {code.scope.name for code in making if code.scope.kind == "function"}
        calling = {code for m in application for name in makers for code, _ in m.calls(name)}
        return any(code.scope.kind == "module" for code in making | calling)

    @property
    def is_hosted(self) -> bool:
        """Whether there is a module that a server is told to run."""
        return any(module.path.rpartition("/")[2] in _HOSTED for module in self._beside_most)

    @functools.cached_property
    def _beside_most(self) -> tuple[Module, ...]:
        """The modules that are imported from where most are: a project that shows a library is a root of its own."""
        program = self._analysis.program
        packaged = (m for m in self._uses.application if m.is_package or m.name.rpartition(".")[0] in program.packages)
        roots = Counter(module.name.removesuffix(program.imported_as(module)) for module in packaged)
        most = max(roots, key=lambda root: (roots[root], root), default="")
        others = tuple(root for root in roots if not most.startswith(root))
        return tuple(module for module in self._uses.application if not module.name.startswith(others))

    @functools.cached_property
    def is_extra(self) -> bool:
        """Whether the project asks for the framework only for those who want what serves, too."""
        name = next(iter(self._serving.by_framework), "none")
        distributions = {name, *_APPLICATIONS.get(name, ())}
        needed = [self._analysis.beside.declared(module.path) for module in self._serving.modules]
        return bool(needed) and all(each is not None and each.only_with_extra(distributions) for each in needed)

    @property
    def _among_others(self) -> bool:
        """Whether what serves is a small part of a program that is not small."""
        return len(self._uses.application) > _FEW * max(1, len(self._serving.modules))

    @property
    def _project(self) -> list[Place]:
        """Where a project of Django's is started or set up."""
        shown = {self._uses.shown(module.path) for module in self._beside_most}
        return [
            *(place for place in self._uses.making(_PROJECT) if place.path in shown),
            *(
                self._uses.place(module, 1, "sets up a project")
                for module in self._beside_most
                if any("ROOT_URLCONF" in code.scope.bindings for code in _settings(module))
            ),
        ]

    def _deriving(self, made: Mapping[str, tuple[str, ...]]) -> Iterator[Place]:
        """The classes that derive from a framework's application."""
        for module in self._uses.application:
            for code in module.codes if not made.keys().isdisjoint(module.summary.imports) else ():
                if code.scope.kind == "class":
                    for base in self._analysis.inference.classes.external_bases(code):
                        root, _, rest = base.partition(".")
                        if rest.rpartition(".")[2] in made.get(root, ()):
                            yield self._serving.place(code, f"{code.name} is an application")

    @functools.cached_property
    def lent(self) -> list[Place]:
        """Where an example makes an application of its own, and takes in what this program has."""
        made = _APPLICATIONS.get(next(iter(self._serving.by_framework), ""), {})
        own = set(self._uses.application)
        serving = {place.path for place in self.made} | {self._uses.shown(m.path) for m in self._serving.modules}
        mounted = {module for module in own if module.is_package or self._uses.shown(module.path) in serving}
        return [
            self._uses.place(module, 1, "an application that uses it")
            for module in self._uses.examples
            if any(each.target in mounted for each in self._analysis.imports.of(module))
            if any(self._uses.calling(module, _names(made, module)))
        ]


def _settings(module: Module) -> Iterator[Code]:
    """Where settings may stand: in a module, or in classes of it, as those of django-configurations do."""
    return (code for code in module.codes if code.scope.kind in ("module", "class"))


def _names(made: Mapping[str, tuple[str, ...]], module: Module) -> list[str]:
    """What applications are made of by a module that imports the packages which have it."""
    return [name for root in made.keys() & module.summary.imports for name in made[root]]
