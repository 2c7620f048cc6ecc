"""Database access: a sync engine for the worker and older routes, an async one for newer routes."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

from sqlalchemy import create_engine
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import Session, sessionmaker

from .settings import get_settings

settings = get_settings()

engine = create_engine(settings.database_url, pool_pre_ping=True)
SessionLocal = sessionmaker(bind=engine, expire_on_commit=False)

async_engine = create_async_engine(settings.async_database_url)
AsyncSessionLocal = async_sessionmaker(async_engine, expire_on_commit=False)


def get_session() -> Iterator[Session]:
    """A session for one request; committed when the request went well."""
    session = SessionLocal()
    try:
        yield session
        session.commit()
    except Exception:
        session.rollback()
        raise
    finally:
        session.close()


async def get_async_session() -> AsyncIterator[AsyncSession]:
    async with AsyncSessionLocal() as session:
        yield session
        await session.commit()


@contextmanager
def unit_of_work() -> Iterator[Session]:
    """A transaction of its own, outside the request's session."""
    session = SessionLocal()
    try:
        yield session
        session.commit()
    finally:
        session.close()
