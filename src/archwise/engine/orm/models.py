"""The model graph: which classes are models, and which relations a row of each can be asked for."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import msgspec

from archwise.engine import ir
from archwise.engine.orm import declarative
from archwise.engine.orm.users import DJANGO_USERS, is_user
from archwise.engine.values import ClassValue, External, ExternalMethod, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archwise.engine.inference import Inference
    from archwise.engine.orm.declarative import Loading
    from archwise.engine.program import Code, Module
    from archwise.knowledge.schema import Orm, Relation

_MODEL = "django.db.models.Model"
_TORTOISE = "tortoise.models.Model"
_DECLARATIVE = ("sqlalchemy.orm.DeclarativeBase", "flask_sqlalchemy.model.Model", "sqlmodel.SQLModel")
_USERS = ("django.contrib.auth.models.AbstractBaseUser", "flask_login.UserMixin", "flask_security.UserMixin")


class Link(msgspec.Struct, frozen=True, gc=False):
    """A relation as one of its two models sees it.

    ``many`` where a row holds rows of the target. ``inverse`` is the relation back that each row which comes this way
    has already loaded. ``declared`` where this model's own class declares it. ``loading`` says whether reading it sends
    a query, is answered already, or does something else. ``generic`` where it leads to a row of any model,
    ``to_user`` where to one of Django's own users.
    """

    name: str
    target: Code | None
    many: bool
    inverse: str
    nullable: bool
    declared: bool
    orm: Orm
    code: Code
    op: int
    loading: Loading = "lazy"
    generic: bool = False
    to_user: bool = False


class Models:
    """The models of a program."""

    def __init__(self, inference: Inference) -> None:
        self._inference = inference
        self._links: dict[Code, dict[str, Link]] = {}
        self._is_model: dict[Code, bool] = {}

    # -- models

    def is_model(self, cls: Code) -> bool:
        """Whether a class is a model, abstract ones included."""
        found = self._is_model.get(cls)
        if found is None:
            found = self._is_model[cls] = self._find_is_model(cls)
        return found

    def _find_is_model(self, cls: Code) -> bool:
        if not cls.scope.bases:
            return False
        classes = self._inference.classes
        if any(self.derives(cls, base) for base in (_MODEL, _TORTOISE, *_DECLARATIVE)):
            return True
        entries = [entry for entry in classes.order(cls) if not isinstance(entry, str)]
        return any(entry in self._sites for entry in entries)

    def derives(self, cls: Code, base: str) -> bool:
        """Whether a class derives from another package's class."""
        facts = self._inference.facts
        return any(
            name == base or any(ancestor.name == base for ancestor, _ in facts.ancestors(name))
            for name in self._inference.classes.external_bases(cls)
        )

    def dialect(self, cls: Code | None) -> Orm:
        """Whose way of loading a model follows."""
        if cls is None or self.derives(cls, _MODEL):
            return "django"
        if self.derives(cls, _TORTOISE):
            return "tortoise"
        links = self.links(cls)
        return next((link.orm for link in links.values()), "sqlalchemy") if self.is_model(cls) else "django"

    def is_abstract(self, cls: Code) -> bool:
        """Whether a model's ``Meta`` says that it has no table."""
        for code in cls.module.codes:
            if code.parent is cls and code.scope.name == "Meta":
                for binding in code.scope.bindings.get("abstract", ()):
                    op = code.scope.ops[binding.value]
                    return isinstance(op, ir.Constant) and op.text == "True"
        return False

    def named(self, name: str, near: Code) -> Code | None:
        """The model that ``"app.Model"`` or ``"Model"`` means in a class; None where it could be several."""
        app, _, last = name.rpartition(".")
        found = [cls for cls in self._by_name.get(last, ()) if self.is_model(cls)]
        if app:
            label = app.rpartition(".")[2].lower()
            fitting = [cls for cls in found if label in cls.module.name.lower().split(".")]
            found = fitting or found
        elif any(cls.module is near.module for cls in found):
            found = [cls for cls in found if cls.module is near.module]
        else:
            package = near.module.name.rpartition(".")[0]
            found = [cls for cls in found if cls.module.name.startswith(f"{package}.")] or found
        concrete = [cls for cls in found if not self.is_abstract(cls)]
        if len(concrete) > 1 and not is_migration(near):
            concrete = [cls for cls in concrete if not is_migration(cls)]
        return concrete[0] if len(concrete) == 1 else None

    @functools.cached_property
    def user(self) -> Code | None:
        """The project's own user model: the one that its settings name, or else the only one."""
        for module in self._inference.program.modules.values():
            for binding in module.code.scope.bindings.get("AUTH_USER_MODEL", ()):
                named = self.named(_text(module.code, binding.value), module.code)
                if named is not None:
                    return named
        found = [
            cls
            for cls in self._inference.program.classes
            if cls.scope.bases and any(self.derives(cls, base) for base in _USERS) and not self.is_abstract(cls)
        ]
        return found[0] if len(found) == 1 else None

    @functools.cached_property
    def links_of_user(self) -> dict[str, Link]:
        """The relations that a user has because models declare them, where the user model is Django's own."""
        found: dict[str, list[Link]] = {}
        for cls, links in self._declared.items() if self.user is None else ():
            for link in links:
                back = self._back(link, cls) if link.to_user else None
                if back is not None:
                    found.setdefault(back.name, []).append(back)
        return {name: links[0] for name, links in found.items() if len(links) == 1}

    def _is_user(self, cls: Code, to: int) -> bool:
        """Whether a relation leads to Django's own user."""
        values = self._inference.values(cls, to)
        is_own = any(isinstance(value, External) and value.name in DJANGO_USERS for value in values)
        return is_own or _text(cls, to) == "auth.User" or is_user(cls, to)

    @functools.cached_property
    def _by_name(self) -> dict[str, list[Code]]:
        found: dict[str, list[Code]] = {}
        for cls in self._inference.program.classes:
            found.setdefault(cls.scope.name, []).append(cls)
        return found

    def holders(self, name: str) -> tuple[Code, ...]:
        """The models of which a row has many of another by a relation of this name, abstract ones left out."""
        return self._holders.get(name, ())

    @functools.cached_property
    def _holders(self) -> dict[str, tuple[Code, ...]]:
        found: dict[str, dict[Code, None]] = {}
        for cls in dict.fromkeys((*self._declared, *self._reverse)):
            heirs = (c for c in self._inference.classes.descendants(cls) if not self.is_abstract(c))
            for holder in heirs if self.is_abstract(cls) else (cls,):
                for link in (*self._declared.get(cls, ()), *self._reverse.get(cls, ())):
                    if link.many and link.orm == "django":
                        found.setdefault(link.name, {})[holder] = None
        return {name: tuple(holders) for name, holders in found.items()}

    def modules(self) -> frozenset[Module]:
        """The modules that define models."""
        if not self._inference.facts.relates:
            return frozenset()
        return frozenset(
            cls.module for cls in self._inference.program.classes if cls.scope.bases and self.is_model(cls)
        )

    # -- relations

    @functools.cached_property
    def have_relations(self) -> bool:
        """Whether a row of any model can be asked for others."""
        return any(self._declared.values()) or any(self._reverse.values())

    def every_link(self) -> Iterator[Link]:
        """The relations of all models."""
        for links in (*self._declared.values(), *self._reverse.values()):
            yield from links
        yield from self.links_of_user.values()

    def holders_of_methods(self) -> frozenset[Code]:
        """The classes whose methods rows have: models, and all that they derive from."""
        return frozenset(
            entry
            for cls in self._inference.program.classes
            if cls.scope.bases and self.is_model(cls)
            for entry in self._inference.classes.order(cls)
            if not isinstance(entry, str)
        )

    def links(self, cls: Code) -> dict[str, Link]:
        """The relations that a row of a model can be asked for, by attribute name."""
        found = self._links.get(cls)
        if found is None:
            found = self._links[cls] = dict(self._find_links(cls))
        return found

    def _find_links(self, cls: Code) -> Iterator[tuple[str, Link]]:
        classes = self._inference.classes
        family = [entry for entry in classes.order(cls) if not isinstance(entry, str)]
        if self.is_abstract(cls):
            family += classes.descendants(cls)
        for entry in reversed(family):
            for link in self._reverse.get(entry, ()):
                yield link.name, link
        for entry in reversed(family):
            for link in self._declared.get(entry, ()):
                own = link.target is entry and self.is_abstract(entry)
                back = self._back(link, cls) if link.orm == "django" and not link.many else None
                inverse = back.name if back is not None and not back.many else link.inverse
                target = cls if own else link.target
                yield link.name, msgspec.structs.replace(link, target=target, inverse=inverse)

    @functools.cached_property
    def _sites(self) -> dict[Code, list[tuple[str, ir.Binding, Relation]]]:
        """Where class bodies declare relations."""
        found: dict[Code, list[tuple[str, ir.Binding, Relation]]] = {}
        for cls in self._inference.program.classes if self._inference.facts.relates else ():
            for name, bindings in cls.scope.bindings.items() if cls.scope.bases else ():
                relation = self._relation(cls, cls.scope.ops[bindings[-1].value])
                if relation is not None:
                    found.setdefault(cls, []).append((name, bindings[-1], relation))
        return found

    @functools.cached_property
    def _declared(self) -> dict[Code, list[Link]]:
        """The relations that class bodies declare."""
        found = {
            cls: [self._forward(cls, name, binding, relation) for name, binding, relation in sites]
            for cls, sites in self._sites.items()
        }
        for cls, link in self._returned():
            found.setdefault(cls, []).append(link)
        return found

    def _returned(self) -> Iterator[tuple[Code, Link]]:
        """The relations that methods of mixins return, for each class that derives: ``@declared_attr``."""
        for module in self._inference.program.modules.values() if self._inference.facts.relates else ():
            for code, index in module.calls("relationship"):
                op = code.scope.ops[index]
                is_given = index in code.scope.results and declarative.is_attribute(code)
                if code.owner is not None and is_given and isinstance(op, ir.Call):
                    yield code.owner, self._relationship(code, code.scope.name, ir.Binding(index, 0, 0, 0), op)

    def _relation(self, cls: Code, op: ir.AnyOp) -> Relation | None:
        facts = self._inference.facts
        for value in self._inference.values(cls, op.function) if isinstance(op, ir.Call) else ():
            if isinstance(value, External):
                return facts.relation(value.name)
            if isinstance(value, ExternalMethod):
                return facts.relation(f"{value.receiver.name}.{value.name}")
            if isinstance(value, ClassValue):
                bases = self._inference.classes.external_bases(value.code)
                return next((found for base in bases if (found := facts.relation(base))), None)
        return None

    def _forward(self, cls: Code, name: str, binding: ir.Binding, relation: Relation) -> Link:
        index = binding.value
        op = cls.scope.ops[index]
        if relation.orm == "sqlalchemy" and isinstance(op, ir.Call):
            return self._relationship(cls, name, binding, op)
        named = dict(op.keywords) if isinstance(op, ir.Call) else {}
        first = op.arguments[0] if isinstance(op, ir.Call) and op.arguments else 0
        to = named.get("to", first)
        target = self._target(cls, to)
        return Link(
            name=name,
            target=target,
            many=relation.holds == "many",
            inverse="",
            nullable=_text(cls, named.get("null", 0)) == "True",
            declared=True,
            orm=relation.orm,
            code=cls,
            op=index,
            generic=relation.holds == "any",
            to_user=target is None and self._is_user(cls, to),
        )

    def _relationship(self, cls: Code, name: str, binding: ir.Binding, op: ir.Call) -> Link:
        written, target, many = declarative.target_of(self._inference, cls, op, binding.annotation)
        if target is None and written:
            target = self.named(written.rpartition(".")[2], cls)
        if cls.owner is not None:
            many = "secondary" in dict(op.keywords)
        elif many is None and target is None:
            many = f"{name}_id" not in cls.scope.bindings
        elif many is None and target is not None:
            many = declarative.is_many(self._inference, cls, op, target)
        return Link(
            name=name,
            target=target,
            many=bool(many),
            inverse=declarative.inverse_of(cls, op),
            nullable=True,
            declared=True,
            orm="sqlalchemy",
            code=cls,
            op=binding.value,
            loading=declarative.loading_of(cls, op),
        )

    def _target(self, cls: Code, index: int) -> Code | None:
        op = cls.scope.ops[index]
        if isinstance(op, ir.Constant) and op.kind == "str":
            return cls if op.text == "self" else self.named(op.text, cls)
        if is_user(cls, index):
            return self.user
        for value in self._inference.values(cls, index):
            if isinstance(value, ClassValue):
                return value.code
            if isinstance(value, Literal) and value.kind == "str":
                return self.named(value.text, cls)
        return None

    def back_of(self, link: Link) -> str:
        """What a row holds of the rows that a relation is declared for: one, many or none."""
        relation = self._relation(link.code, link.code.scope.ops[link.op])
        return relation.back if relation is not None else "none"

    @functools.cached_property
    def _reverse(self) -> dict[Code, list[Link]]:
        """The relations that models have because others declare them."""
        found: dict[Code, list[Link]] = {}
        classes = self._inference.classes
        for cls, links in self._declared.items():
            heirs = classes.descendants(cls) if self.is_abstract(cls) else [cls]
            holders = [heir for heir in heirs if not self.is_abstract(heir)]
            for link in links:
                for holder in holders:
                    back = self._back(link, holder)
                    target = holder if link.target is cls else link.target
                    if back is not None and target is not None:
                        found.setdefault(target, []).append(back)
        return found

    def _back(self, link: Link, holder: Code) -> Link | None:
        op = link.code.scope.ops[link.op]
        if link.orm == "sqlalchemy" and isinstance(op, ir.Call):
            return self._backref(link, holder, op)
        back = self.back_of(link)
        if back == "none" or not isinstance(op, ir.Call):
            return None
        many = back == "many"
        named = dict(op.keywords)
        lower = holder.scope.name.lower()
        given = _text(link.code, named.get("related_name", 0))
        if given.endswith("+") or ("related_name" in named and not given):
            return None
        name = given.replace("%(class)s", lower).replace("%(app_label)s", holder.module.name.split(".")[-2:][0])
        usual = f"{lower}s" if link.orm == "tortoise" else f"{lower}_set"
        name = name or (usual if many else lower)
        inverse = "" if link.many else link.name
        return Link(name, holder, many, inverse, True, False, link.orm, link.code, link.op)

    def _backref(self, link: Link, holder: Code, op: ir.Call) -> Link | None:
        """The relation that ``backref="name"`` makes on the other side."""
        name, loading = declarative.backref_of(link.code, op)
        many = not link.many or "secondary" in dict(op.keywords)
        return Link(name, holder, many, link.name, True, False, link.orm, link.code, link.op, loading) if name else None


def is_migration(code: Code) -> bool:
    """Whether code changes a schema once, perhaps with models as they were then: Django's migrations, Alembic's."""
    module = code.module
    folders = module.path.split("/")[:-1]
    return not {"migrations", "alembic"}.isdisjoint(folders) or "down_revision" in module.code.scope.bindings


def _text(code: Code, index: int) -> str:
    op = code.scope.ops[index]
    return op.text if isinstance(op, ir.Constant) else ""
