from fastapi.concurrency import run_in_threadpool

from ..core.errors import NotAllowed
from ..core.security import create_token, hash_password, verify_password
from ..models import User
from ..repositories import AsyncUserRepository


class AccountService:
    def __init__(self, users: AsyncUserRepository):
        self.users = users

    async def login(self, email: str, password: str) -> str:
        user = await self.users.by_email(email)
        if user is None or not verify_password(password, user.password_hash):  # expect: AW202
            raise NotAllowed("wrong e-mail or password")
        return create_token(user.id)

    async def register(self, email: str, password: str) -> User:
        if await self.users.by_email(email) is not None:
            raise NotAllowed("this e-mail is taken")
        hashed = await run_in_threadpool(hash_password, password)
        return await self.users.add(User(email=email, password_hash=hashed))

    async def may_refund(self, user_id: int) -> bool:
        user = await self.users.get(user_id)
        return user is not None and user.is_staff
