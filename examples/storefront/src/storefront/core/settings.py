"""Configuration, read from the environment."""

from functools import lru_cache
from pathlib import Path

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

PACKAGE = Path(__file__).parent.parent


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="STOREFRONT_", env_file=".env", extra="ignore")

    database_url: str = "sqlite:///storefront.db"
    async_database_url: str = "sqlite+aiosqlite:///storefront.db"
    redis_url: str = "redis://localhost:6379/0"
    broker_url: str = "redis://localhost:6379/1"

    payment_url: str = "https://payments.example.test/v2"
    payment_key: SecretStr = SecretStr("pk_test")
    payment_timeout: float = 8.0
    carrier_url: str = "https://carrier.example.test"
    carrier_account: str = "shop-1"

    token_secret: SecretStr = SecretStr("an-example-secret-of-thirty-two-bytes")
    token_minutes: int = 60

    texts: Path = PACKAGE / "texts"
    backups: Path = Path("backups")


@lru_cache
def get_settings() -> Settings:
    return Settings()
