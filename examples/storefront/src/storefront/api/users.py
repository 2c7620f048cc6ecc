from fastapi import APIRouter

from ..models import User
from ..schemas import Credentials, Token, UserOut
from .deps import AccountServiceDep, UserId, Users

router = APIRouter(prefix="/users", tags=["users"])


@router.post("", response_model=UserOut, status_code=201)
async def register(body: Credentials, accounts: AccountServiceDep) -> User:
    return await accounts.register(body.email, body.password)


@router.post("/token", response_model=Token)
async def login(body: Credentials, accounts: AccountServiceDep) -> Token:
    return Token(access_token=await accounts.login(body.email, body.password))


@router.get("/me", response_model=UserOut)
async def me(user_id: UserId, users: Users) -> User | None:
    return await users.get(user_id)
