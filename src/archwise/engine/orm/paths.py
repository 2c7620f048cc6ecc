"""The relations along a row's path: which models they lead through, and whether some step has many rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.engine.orm.domain import Users

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archwise.engine.orm.attributes import Attributes
    from archwise.engine.orm.domain import Row
    from archwise.engine.orm.models import Link
    from archwise.engine.program import Code


def model_of(row: Row) -> Code | Users | None:
    """The model of a row, or Django's own users."""
    is_user = row.is_user or (row.query.of_users and not row.path)
    return Users() if row.model is None and is_user else row.model


def along(attributes: Attributes, row: Row) -> Iterator[Link | None]:
    """The relation of each step; None from where one is not known."""
    return (link for _, link in _steps(attributes, row))


def _steps(attributes: Attributes, row: Row) -> Iterator[tuple[Code | Users | None, Link | None]]:
    """The model that each step starts from, and its relation."""
    model, is_of_user = row.query.model, row.query.of_users
    for name in row.path:
        link = attributes.links(model, is_of_user).get(name)
        yield (Users() if model is None and is_of_user else model), link
        model = link.target if link is not None else None
        is_of_user = link is not None and link.to_user


def models(attributes: Attributes, row: Row) -> tuple[Code | None, ...]:
    """The models that a row's path leads through, from its query's to its own."""
    return (row.query.model, *(link.target if link is not None else None for link in along(attributes, row)))


def holder(attributes: Attributes, row: Row) -> Code | Users | None:
    """The model of the one row whose relation to many was gone through to a loop's rows, or Django's own user."""
    for model, link in tuple(_steps(attributes, row))[: row.base]:
        if link is not None and link.many:
            return model
    return None


def is_many(attributes: Attributes, row: Row, link: Link) -> bool:
    """Whether a step of the path that is to be loaded has many rows, or rows of any model."""
    steps = tuple(along(attributes, row))[row.base :]
    return link.many or link.generic or any(each is not None and each.many for each in steps)


def is_shared(attributes: Attributes, row: Row, link: Link) -> bool:
    """Whether the first step from a loop's rows leads to one row, which others of them may lead to too."""
    first = next(iter(tuple(along(attributes, row))[row.base :]), link)
    return first is not None and not first.many
