"""A loop reads a lazy relationship of each row: SQLAlchemy sends one more query a row.

## What it does
Finds loops and comprehensions over rows that SQLAlchemy or SQLModel gave, in which a `relationship()` with the default
lazy loading is read that no option (`selectinload`, `joinedload`, …) has loaded. It follows statements, results and
rows through variables, properties and helpers.

## Why is this bad
Each row sends a query of its own: a page of fifty orders sends fifty-one. It goes unseen in development, where tables
are short, and is a usual cause of slow pages. One option on the query loads all of it.

## Example
```python
from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship

class Base(DeclarativeBase): ...

class Customer(Base):
    __tablename__ = "customer"
    id: Mapped[int] = mapped_column(primary_key=True)
    orders: Mapped[list["Order"]] = relationship()

class Order(Base):
    __tablename__ = "order"
    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))

def counts(session: Session) -> list[int]:
    return [len(customer.orders) for customer in session.scalars(select(Customer))]  # AW507
```

## Use instead
```python
from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship, selectinload

class Base(DeclarativeBase): ...

class Customer(Base):
    __tablename__ = "customer"
    id: Mapped[int] = mapped_column(primary_key=True)
    orders: Mapped[list["Order"]] = relationship()

class Order(Base):
    __tablename__ = "order"
    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))

def counts(session: Session) -> list[int]:
    statement = select(Customer).options(selectinload(Customer.orders))
    return [len(customer.orders) for customer in session.scalars(statement)]
```

## Evidence needed
The relationship is declared in a model of the project and loads lazily; the loop's rows come from a statement all of
whose options are seen. Left alone are relations to one row that a condition makes the same for all rows
(`filter_by(customer_id=…)`), and functions that ask first whether the relation is loaded. It is information where all
steps lead to one row, which a session loads once for all that share it, where each round writes or asks
another host anyway, the loop ends with what it looks for, goes through ten rows at most, or runs in a one-shot command
or a script.

## When not to follow it
The loop has a handful of rows, or the related rows are few and soon all in the session: a relation to one row that the
session holds already sends nothing.

## References
- [SQLAlchemy: relationship loading techniques](https://docs.sqlalchemy.org/en/20/orm/queryguide/relationships.html)
- [SQLAlchemy: what is the N plus one problem](https://docs.sqlalchemy.org/en/20/glossary.html)
"""

from collections.abc import Iterator

from archwise.engine.analysis import Analysis
from archwise.findings import Finding
from archwise.rules import trail
from archwise.rules.rule import Rule

RULE = Rule(
    module=__name__,
    code="AW507",
    name="lazy-load-per-row",
    claims=("G5.5", "G11.5"),
    since="0.1.0",
    severity="warning",
    status="preview",
)


def check(analysis: Analysis) -> Iterator[Finding]:
    """Yield every loop that reads a lazy relationship of its rows."""
    for found in analysis.row_loops.unloaded():
        if found.by is None and found.link.orm == "sqlalchemy":
            yield trail.per_row(RULE, found)
