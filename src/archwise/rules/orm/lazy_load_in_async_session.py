"""A relation that was not loaded is read of a row that an async session gave: SQLAlchemy raises MissingGreenlet.

## What it does
Finds reads of a `relationship()` with SQLAlchemy's or SQLModel's default lazy loading on rows that were awaited
(`await session.execute(…)`, `scalars`, `scalar`, `get`), where neither the model's `lazy=` nor any option on the way
(`selectinload`, `joinedload`, …) loads it. A field of a response's Pydantic model reads it too. It follows statements,
results and rows through variables and helpers.

## Why is this bad
Reading such a relation sends a query, and an async session can only send one where it is awaited: the read raises
`MissingGreenlet`. It passes every test in which the related row happens to be in the session already, and fails in
production where it is not.

## Example
```python
from sqlalchemy import ForeignKey, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

class Base(DeclarativeBase): ...

class Customer(Base):
    __tablename__ = "customer"
    id: Mapped[int] = mapped_column(primary_key=True)
    orders: Mapped[list["Order"]] = relationship()

class Order(Base):
    __tablename__ = "order"
    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))

async def orders(session: AsyncSession) -> int:
    found = await session.scalars(select(Customer))
    return len(found.first().orders)  # AW505
```

## Use instead
```python
from sqlalchemy import ForeignKey, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship, selectinload

class Base(DeclarativeBase): ...

class Customer(Base):
    __tablename__ = "customer"
    id: Mapped[int] = mapped_column(primary_key=True)
    orders: Mapped[list["Order"]] = relationship()

class Order(Base):
    __tablename__ = "order"
    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))

async def orders(session: AsyncSession) -> int:
    found = await session.scalars(select(Customer).options(selectinload(Customer.orders)))
    return len(found.first().orders)
```

## Evidence needed
The row comes from an awaited statement all of whose options are seen, and the relationship loads lazily. A finding is
`likely` for a relation to one row, which the session may hold already. Functions that call `refresh` or `run_sync` are
left alone.

## When not to follow it
The related rows are surely in the session, because the same function has just loaded them.

## References
- [SQLAlchemy: preventing implicit I/O with AsyncSession](https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html)
- [SQLAlchemy: relationship loading techniques](https://docs.sqlalchemy.org/en/20/orm/queryguide/relationships.html)
- [sqlalchemy/sqlalchemy#9627](https://github.com/sqlalchemy/sqlalchemy/issues/9627)
"""

from collections.abc import Iterator

from archwise.engine.analysis import Analysis
from archwise.engine.orm.loops import Unloaded
from archwise.findings import Finding
from archwise.rules import place, trail
from archwise.rules.rule import Rule

RULE = Rule(
    module=__name__,
    code="AW505",
    name="lazy-load-in-async-session",
    claims=("G5.5", "G2.4"),
    since="0.1.0",
    severity="error",
    status="preview",
)


def check(analysis: Analysis) -> Iterator[Finding]:
    """Yield every read of an unloaded relation on a row that was awaited."""
    for found in analysis.row_loops.raising():
        yield _finding(found)


def _finding(found: Unloaded) -> Finding:
    code, op = found.hops[0]
    last = f"reads `{found.link.name}`, which nothing has loaded"
    return place.at(
        RULE,
        code,
        op,
        f"`{found.owners[-1]}.{found.link.name}` is not loaded: reading it of an awaited row raises MissingGreenlet",
        trail.remedy(found),
        note=trail.first_note(found.hops, last),
        confidence="likely" if found.shared else "certain",
        before=(trail.hop(found.made, f"makes the query, without `{found.path[0]}`"),),
        after=tuple(trail.rest(found.hops, last)),
        cause=trail.cause(found),
    )
