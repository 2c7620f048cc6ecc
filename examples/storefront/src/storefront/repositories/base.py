from typing import Generic, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..core.errors import NotFound
from ..models import Base

Model = TypeVar("Model", bound=Base)


class Repository(Generic[Model]):
    """What all repositories over the sync session can do."""

    model: type[Model]

    def __init__(self, session: Session):
        self.session = session

    def get(self, key: int) -> Model:
        found = self.session.get(self.model, key)
        if found is None:
            raise NotFound(f"{self.model.__name__} {key}")
        return found

    def add(self, row: Model) -> Model:
        self.session.add(row)
        self.session.flush()
        return row

    def page(self, limit: int = 50, offset: int = 0) -> list[Model]:
        return list(self.session.scalars(select(self.model).limit(limit).offset(offset)))
