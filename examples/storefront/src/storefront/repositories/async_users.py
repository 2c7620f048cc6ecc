from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ..models import User


class AsyncUserRepository:
    def __init__(self, session: AsyncSession):
        self.session = session

    async def get(self, key: int) -> User | None:
        return await self.session.get(User, key)

    async def by_email(self, email: str) -> User | None:
        rows = await self.session.scalars(select(User).where(User.email == email))
        return rows.first()

    async def add(self, user: User) -> User:
        self.session.add(user)
        await self.session.flush()
        return user
