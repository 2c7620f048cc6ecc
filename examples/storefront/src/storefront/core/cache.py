"""Redis clients: the sync one came first; new code uses the async one."""

from functools import lru_cache

import redis
import redis.asyncio as aredis

from .settings import get_settings


@lru_cache
def get_cache() -> redis.Redis:
    return redis.Redis.from_url(get_settings().redis_url, decode_responses=True)


@lru_cache
def get_async_cache() -> aredis.Redis:
    return aredis.Redis.from_url(get_settings().redis_url, decode_responses=True)


class RateLimiter:
    """A fixed window per client, counted in Redis."""

    def __init__(self, limit: int, window: int = 60):
        self.limit = limit
        self.window = window
        self._cache = get_cache()

    def allows(self, client: str) -> bool:
        key = f"rate:{client}"
        count = self._cache.incr(key)
        if count == 1:
            self._cache.expire(key, self.window)
        return int(count) <= self.limit
