"""Templates as code that views run: which one a call or a view renders, and what its variables are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.engine import ir
from archwise.engine.contexts import is_test
from archwise.engine.orm.containers import parts
from archwise.engine.orm.domain import (
    NOTHING,
    Alternatives,
    Bound,
    Found,
    Group,
    Items,
    Model,
    Object,
    Page,
    Query,
    Row,
    Scalar,
    Table,
    union,
)
from archwise.engine.orm.iteration import single
from archwise.engine.orm.queries import asked
from archwise.engine.orm.rows import rows_of
from archwise.engine.orm.tags import Tags, takes_context
from archwise.engine.program import Module
from archwise.engine.templates.compile import compiled
from archwise.engine.templates.files import name_of
from archwise.engine.templates.macros import MARK
from archwise.engine.templates.ops import Include, Tagged, Variable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from archwise.engine.orm.evaluator import Evaluator
    from archwise.engine.orm.frames import Frame
    from archwise.engine.program import Code
    from archwise.engine.templates.compile import Template
    from archwise.engine.templates.ops import Lookup

_RENDERING = {"render": 1, "TemplateResponse": 1, "render_to_string": 0, "render_template": 0}
"""Functions that render a template, and which argument names it; the context is the next."""
_FLASKS = "render_template"
_RESPONSE = "django.views.generic.base.TemplateResponseMixin"
_MANY = "django.views.generic.list.MultipleObjectMixin"
_ONE = "django.views.generic.detail.SingleObjectMixin"
_PAGE = frozenset({"object_list", "paginator", "page", "get_page", "items"})


class Rendering:
    """The templates of a program and where they are rendered."""

    def __init__(self, evaluator: Evaluator, texts: Mapping[str, str]) -> None:
        """``texts`` are the templates by path."""
        self._evaluator = evaluator
        self._texts = texts
        self._paths: dict[str, list[str]] = {}
        for path in texts:
            self._paths.setdefault(name_of(path), []).append(path)
        self._codes: dict[tuple[str, str], Code] = {}
        self._templates: dict[Code, Template] = {}
        self._mentioned: dict[Code, frozenset[str]] = {}
        self._tags = Tags(evaluator.inference.program)

    def named(self, name: str) -> Code | None:
        """The template of a name; None where there is none, or more than one."""
        paths = self._paths.get(name.partition(MARK)[0], ())
        return self._code(paths[0], name) if len(paths) == 1 else None

    @property
    def has_templates(self) -> bool:
        """Whether the program has templates at all."""
        return bool(self._texts)

    def is_template(self, code: Code) -> bool:
        """Whether this is a template and no Python code."""
        return code in self._templates

    def _code(self, path: str, name: str) -> Code:
        found = self._codes.get((path, name))
        if found is None:
            template = compiled(name, self._texts[path])
            summary = ir.Summary((template.scope,), {}, (), None, self._texts[path].count("\n"), (), False, ())
            module = Module(self._evaluator.inference.program, name, path, False, summary)
            found = self._codes[path, name] = module.code
            self._templates[found] = template
        return found

    def parts(self, frame: Frame) -> Iterator[tuple[Frame, tuple[tuple[int, int], ...]]]:
        """The templates that one extends, with its context, each with the operations that it replaces there."""
        template = self._templates[frame.code]
        replaced = set(template.blocks)
        seen = {frame.code}
        while template.parent and (parent := self.named(template.parent)) is not None and parent not in seen:
            seen.add(parent)
            template = self._templates[parent]
            spans = tuple(span for name, span in template.blocks.items() if name in replaced)
            replaced |= set(template.blocks)
            yield self._page(parent, frame.given, frame), spans

    def _page(self, page: Code, given: Mapping[str, Alternatives], caller: Frame | None) -> Frame:
        """A template with what it mentions of a context: pages that differ in the rest are the same to it."""
        mentioned = self._mentioned_in(page)
        context = tuple((name, values) for name, values in given.items() if name in mentioned)
        return self._evaluator.frame(page, context, None, caller)

    def _mentioned_in(self, page: Code) -> frozenset[str]:
        """The variables that a template, and those that it extends and includes, mention."""
        found = self._mentioned.get(page)
        if found is None:
            names: set[str] = set()
            waiting: list[Code | None] = [page]
            seen: set[Code] = set()
            while waiting:
                each = waiting.pop()
                if each is None or each in seen:
                    continue
                seen.add(each)
                names.update(op.name for _, op in each.operations(Variable))
                waiting.extend(self.named(op.template) for _, op in each.operations(Include))
                waiting.append(self.named(self._templates[each].parent))
            found = self._mentioned[page] = frozenset(names)
        return found

    # -- where templates are rendered

    def rendered(self, frame: Frame, op: ir.Call) -> Iterator[Frame]:
        """The template that a call renders, with its context."""
        ops = frame.code.scope.ops
        name = ir.identifier(ops[op.function])
        if not self._texts or name not in _RENDERING:
            return
        pages = [
            each.receiver.template
            for each in (self._evaluator.value(frame, op.function) if name == "render" else ())
            if isinstance(each, Bound) and isinstance(each.receiver, Page)
        ]
        if name == _FLASKS:
            for page in self._named_by(frame, op.argument(0)):
                given = {key: self._evaluator.value(frame, value) for key, value in op.keywords}
                yield self._page(page, given, frame)
            return
        if pages:
            context = op.argument("context", 0)
        else:
            at = _RENDERING[name]
            pages = self._named_by(frame, op.argument("template_name", at))
            context = op.argument("context", at + 1)
        for page in pages:
            for table in self._evaluator.value(frame, context) or (Table(NOTHING),):
                if isinstance(table, Table):
                    yield self._page(page, dict(table.named), frame)

    def _named_by(self, frame: Frame, index: int) -> list[Code]:
        """The templates that a string names."""
        return [page for text in self._evaluator.texts(frame, index) if (page := self.named(text)) is not None]

    def views(self) -> Iterator[Frame]:
        """The templates that class-based views render, with their contexts."""
        models = self._evaluator.models
        for cls in self._evaluator.inference.program.classes if self._texts else ():
            if cls.scope.bases and not is_test(cls) and models.derives(cls, _RESPONSE):
                page = self._page_of(cls)
                if page is not None:
                    yield from self._of_view(cls, page)

    def _of_view(self, cls: Code, page: Code) -> Iterator[Frame]:
        evaluator = self._evaluator
        method = evaluator.method(cls, "get_context_data")
        start = evaluator.frame(cls)
        if method is None:
            tables: Alternatives = self.context(start, Object(cls))
        else:
            tables = evaluator.returned(evaluator.attributes.within(method[0], Object(cls), None))
        for table in tables:
            if isinstance(table, Table):
                yield self._page(page, dict(table.named), None)

    def context(self, frame: Frame, view: Object) -> Alternatives:
        """What a generic view itself gives its template."""
        evaluator, cls = self._evaluator, view.cls
        named: list[tuple[str, Alternatives]] = [("view", (view,))]
        if evaluator.models.derives(cls, _MANY):
            rows = evaluator.views.of_view(frame, view, "object_list")
            named += [("object_list", rows), ("page_obj", rows), ("paginator", rows)]
            named += [(name, rows) for name in self._object_names(cls, rows, "_list")]
        elif evaluator.models.derives(cls, _ONE):
            rows = evaluator.views.of_view(frame, view, "object")
            named += [("object", rows), *((name, rows) for name in self._object_names(cls, rows, ""))]
        return (Table(NOTHING, tuple(named)),)

    def _object_names(self, cls: Code, rows: Alternatives, suffix: str) -> set[str]:
        given = self._declared(cls, "context_object_name")
        if given:
            return {given}
        models = {each.model for each in rows if isinstance(each, (Query, Row)) and each.model is not None}
        return {f"{model.scope.name.lower()}{suffix}" for model in models}

    def _page_of(self, cls: Code) -> Code | None:
        """The template that a view names, or that Django finds for it by its model."""
        given = self._declared(cls, "template_name")
        if given:
            return self.named(given)
        if any(self._evaluator.method(cls, name) is not None for name in ("get_template_names", "post")):
            return None  # what a view that also takes posts renders, it would name
        derives = self._evaluator.models.derives
        usual = "_list" if derives(cls, _MANY) else "_detail" if derives(cls, _ONE) else ""
        suffix = self._declared(cls, "template_name_suffix") or usual
        shown = self._evaluator.views.of_view(self._evaluator.frame(cls), Object(cls), "object_list")
        for each in shown if suffix else ():
            if isinstance(each, Query) and each.model is not None:
                label = each.model.module.name.split(".")
                for part in reversed(label[:-1]):
                    page = self.named(f"{part}/{each.model.scope.name.lower()}{suffix}.html")
                    if page is not None:
                        return page
        return None

    def _declared(self, cls: Code, name: str) -> str:
        """A string that a view's class sets; empty where it sets none."""
        for entry in self._evaluator.inference.classes.order(cls):
            if not isinstance(entry, str) and name in entry.scope.bindings:
                index = entry.scope.bindings[name][-1].value
                texts = self._evaluator.texts(self._evaluator.frame(entry), index)
                return next(iter(texts)) if len(texts) == 1 else ""
        return ""

    # -- what templates do

    def included(self, frame: Frame, op: Include) -> Frame | None:
        """The template that another includes, with its context."""
        page = self.named(op.template)
        if page is None:
            return None
        given = {} if op.only else dict(frame.given)
        parameters = self._templates[page].parameters
        for name, index in op.given:
            is_positional = name.isdigit() and int(name) < len(parameters)
            given[parameters[int(name)] if is_positional else name] = self._evaluator.value(frame, index)
        return self._page(page, dict(sorted(given.items())), frame)

    def tagged(self, frame: Frame, op: Tagged) -> Frame | None:
        """The function of a filter or tag of the project's own, with what a template gives it."""
        found = self._tags.named(op.name)
        if found is None:
            return None
        parameters = found[0].scope.parameters[1 if takes_context(found[0]) else 0 :]
        values = [
            (parameter.name, self._evaluator.value(frame, at))
            for parameter, at in zip(parameters, op.arguments, strict=False)
        ]
        names = {parameter.name for parameter in parameters}
        named = [(name, self._evaluator.value(frame, at)) for name, at in op.named]
        rest = tuple(each for each in named if each[0] not in names)
        values += [each for each in named if each[0] in names]
        values += [(each.name, (Table(NOTHING, rest),)) for each in parameters if each.kind == "kwargs" and rest]
        return self._evaluator.frame(found[0], tuple(each for each in values if each[1]), None, frame)

    def given(self, frame: Frame, op: Tagged) -> Alternatives:
        """What a filter or tag of the project's own makes of what it is given; nothing where it renders a template."""
        found = self._tags.named(op.name)
        inner = self.tagged(frame, op)
        return self._evaluator.returned(inner) if inner is not None and found is not None and not found[1] else NOTHING

    def shown_by(self, inner: Frame, op: Tagged) -> Iterator[Frame]:
        """The template that a tag of the project's own renders, with the context that its function gives."""
        found = self._tags.named(op.name)
        page = self.named(found[1]) if found is not None and found[1] else None
        for table in self._evaluator.returned(inner) if page is not None else ():
            if page is not None and isinstance(table, Table):
                yield self._page(page, dict(table.named), inner)

    def looked_up(self, frame: Frame, op: Lookup, index: int) -> Alternatives:
        """What ``value.name`` is."""
        return union(*(self._looked_up(frame, each, op.name, index) for each in self._evaluator.value(frame, op.value)))

    def _looked_up(self, frame: Frame, found: Found, name: str, index: int) -> Alternatives:
        evaluator = self._evaluator
        if isinstance(found, Table):
            named = dict(found.named)
            return named[name] if name in named else parts(found, name)
        if isinstance(found, (Query, Items)) and name in _PAGE:
            return (found,)
        if name.isdigit():
            return _element(found, int(name))
        if isinstance(found, (Row, Object, Model, Query)):
            groups = (self._called(frame, each, index) for each in evaluator.attributes.of(frame, found, name, index))
            return union(*groups)
        return (found,) if isinstance(found, Scalar) else NOTHING

    def _called(self, frame: Frame, found: Found, index: int) -> Alternatives:
        """A template calls what can be called."""
        if not isinstance(found, Bound):
            return (found,)
        inner = self.method(frame, found)
        if inner is not None:
            return self._evaluator.returned(inner)
        if isinstance(found.receiver, Query):
            return asked(self._evaluator, frame, index, found.receiver, found.name)
        return NOTHING

    def method(self, frame: Frame, found: Bound) -> Frame | None:
        """The project's own method behind an attribute that a template calls."""
        method = self._evaluator.calls.method(found)
        return self._evaluator.attributes.within(method[0], found.receiver, frame) if method is not None else None


def _element(found: Found, position: int) -> Alternatives:
    if isinstance(found, Query):
        return rows_of(found, None)
    if isinstance(found, Group):
        return found.items[position] if position < len(found.items) else NOTHING
    return tuple(map(single, found.items)) if isinstance(found, Items) else NOTHING
