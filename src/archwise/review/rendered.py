"""What is rendered: pages that what serves requests makes of templates and forms, or that a CMS serves by itself."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from archwise.engine import ir
from archwise.engine.values import FunctionValue, Method

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from archwise.engine.analysis import Analysis
    from archwise.engine.program import Code, Module
    from archwise.review.model import Place
    from archwise.review.uses import Uses

_RENDERING = ("render", "TemplateResponse", "render_template", "render_to_string", "render_to_response", "Template")
_RENDERERS = ("render", "template", "page", "html")
"""What the name of a function that hands on a rendered page is made of."""
_TEMPLATED = ("template_name", "form_class", "success_url")
_CONTENT = {"wagtail": ("Page", "AbstractForm", "AbstractEmailForm"), "cms": ("CMSPlugin",), "mezzanine": ("Page",)}
"""The classes of a content management system that its pages are made of, by import root."""
_ASKING = ("flask.request", "quart.request")
"""What a view imports to know what it was asked, where no parameter says so."""
_COMPONENTS = ("litestar_vite",)
"""What has routes that name the component which their page is made of."""
_DECORATORS = {"aiohttp_jinja2": ("template",), "bottle": ("view", "jinja2_view", "mako_view")}
"""Decorators whose argument names the template that a view's answer is put into, by import root."""
_TEMPLATES = (".html", ".jinja2", ".mako", ".mak", ".pt")
"""How the names of Pyramid's templates end."""
_ANSWERING_PAGES = ("django.shortcuts.render", "django.template.response")
"""What only a view imports: it answers with a page."""


class Pages:
    """The pages of the application."""

    def __init__(self, analysis: Analysis, uses: Uses, serving: frozenset[Module], endpoints: frozenset[Code]) -> None:
        """``serving`` are the modules that hold endpoints, ``endpoints`` the functions."""
        self._analysis = analysis
        self._uses = uses
        self._serving = serving
        self._endpoints = endpoints

    @functools.cached_property
    def places(self) -> list[Place]:
        """Where modules that serve, or ask what a request holds, render templates or handle forms."""
        forms = (place for module in self._serving for place in self._forms(module))
        asking = {place.path for place in (*self._uses.of(_ASKING), *self._uses.of(_ANSWERING_PAGES))}
        others = (module for module in self._uses.application if self._uses.shown(module.path) in asking)
        rendered = self._rendered({*self._serving, *others})
        return sorted({*rendered, *forms, *self.content, *self._components(), *self._renderers(), *self._decorated()})

    def _decorated(self) -> Iterator[Place]:
        """The views that a decorator of a library renders."""
        for module in self._serving:
            for root in _DECORATORS.keys() & module.summary.imports:
                yield from self._uses.calling(module, _DECORATORS[root])

    def _renderers(self) -> Iterator[Place]:
        """The views of Pyramid whose configuration names a template."""
        for module in self._uses.application:
            for code in module.codes if "pyramid" in module.summary.imports else ():
                for _, op in code.operations(ir.Call):
                    for name, index in op.keywords:
                        given = code.scope.ops[index]
                        if name == "renderer" and isinstance(given, ir.Constant) and given.text.endswith(_TEMPLATES):
                            yield self._uses.place(module, op.line, f"renders {given.text}")

    def _components(self) -> Iterator[Place]:
        """The routes that name a component of the frontend."""
        for module in self._serving if self._uses.of(_COMPONENTS) else ():
            for code in module.codes:
                for _, op in code.operations(ir.Call):
                    if any(name == "component" for name, _ in op.keywords):
                        yield self._uses.place(module, op.line, "names the component of a page")

    @functools.cached_property
    def content(self) -> list[Place]:
        """The kinds of page that a content management system serves by itself."""
        classes = self._analysis.inference.classes
        return [
            self._uses.place(module, code.scope.line, f"{code.name} is a page of {root}")
            for module in self._uses.application
            for root, names in _CONTENT.items()
            if root in module.summary.imports
            for code in module.codes
            if code.scope.kind == "class"
            if any(base.startswith(f"{root}.") and base.endswith(names) for base in classes.external_bases(code))
        ]

    def _rendered(self, modules: Iterable[Module]) -> Iterator[Place]:
        """Where modules render templates, by a library's function or by one of the program that returns its result."""
        names = (*_RENDERING, *sorted(self._wrappers))
        return (
            self._uses.place(module, getattr(code.scope.ops[index], "line", 1), f"calls {name}")
            for module in modules
            for name in names
            for code, index in module.calls(name)
            if not self._draws_itself(code, index)
        )

    def _draws_itself(self, code: Code, index: int) -> bool:
        """Whether a call is of a method that a class of the program has, with no framework behind it: a page's part.

        Or of a function of the program's own that is called like a library's, and renders nothing.
        """
        op = code.scope.ops[index]
        if not isinstance(op, ir.Call) or not isinstance(code.scope.ops[op.function], ir.Attribute | ir.Name):
            return False
        called = self._analysis.inference.values(code, op.function)
        if called and all(isinstance(value, FunctionValue) for value in called):
            return not any(_renders(value.code) for value in called if isinstance(value, FunctionValue))
        owners = [value.code.owner for value in called if isinstance(value, Method)]
        classes = self._analysis.inference.classes
        return len(owners) == len(called) and all(
            owner is not None and all(_is_plain(base) for base in classes.external_bases(owner)) for owner in owners
        )

    @functools.cached_property
    def _wrappers(self) -> frozenset[str]:
        """Functions of the program that return what a rendering function gives, endpoints apart."""
        return frozenset(
            outer.scope.name
            for module in self._uses.application
            for name in _RENDERING
            for code, index in module.calls(name)
            for outer in _around(code)
            if code not in self._endpoints and _is_rendering(outer.scope.name)
            if any(_gives(code, op.value, index) for _, op in code.operations(ir.Return))
        ) - {*_RENDERING}

    def _forms(self, module: Module) -> Iterator[Place]:
        for code in module.codes:
            if code.scope.kind == "class":
                for name in _TEMPLATED:
                    if name in code.scope.bindings:
                        yield self._uses.place(module, code.scope.line, f"{code.name} sets {name}")


def _gives(code: Code, returned: int, index: int) -> bool:
    """Whether what is returned is what a call gives, or a response made of it."""
    made = code.scope.ops[returned]
    return returned == index or (isinstance(made, ir.Call) and index in made.arguments)


def _renders(code: Code) -> bool:
    """Whether a function, or one inside of it, calls anything that renders, by its name."""
    inside = (each for each in code.module.codes if code in _around(each))
    called = (
        ir.identifier(each.scope.ops[op.function]).lower() for each in inside for _, op in each.operations(ir.Call)
    )
    return any(word in name for name in called for word in ("render", "template"))


def _around(code: Code) -> Iterator[Code]:
    """A function, and those around it: a decorator that renders what it is put on."""
    while code.scope.kind == "function":
        yield code
        if code.parent is None:
            return
        code = code.parent


def _is_plain(base: str) -> bool:
    return base.partition(".")[0] in ("builtins", "typing", "abc", "enum", "dataclasses")


def _is_rendering(name: str) -> bool:
    return any(word in name.lower() for word in _RENDERERS)
