"""Passwords and tokens."""

from datetime import UTC, datetime, timedelta

import bcrypt
import jwt

from .settings import get_settings

ALGORITHM = "HS256"


class InvalidToken(Exception):
    """The token is missing, forged or expired."""


def hash_password(password: str) -> str:
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt()).decode()


def verify_password(password: str, hashed: str) -> bool:
    return bcrypt.checkpw(password.encode(), hashed.encode())


def create_token(user_id: int) -> str:
    settings = get_settings()
    expires = datetime.now(UTC) + timedelta(minutes=settings.token_minutes)
    claims = {"sub": str(user_id), "exp": expires}
    return jwt.encode(claims, settings.token_secret.get_secret_value(), algorithm=ALGORITHM)


def read_token(token: str) -> int:
    secret = get_settings().token_secret.get_secret_value()
    try:
        claims = jwt.decode(token, secret, algorithms=[ALGORITHM])
    except jwt.PyJWTError as error:
        raise InvalidToken from error
    return int(claims["sub"])
