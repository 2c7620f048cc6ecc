"""Prints events as they come: `python -m storefront.events.listener`."""

import asyncio

import aioredis  # expect: AW209

from ..core.settings import get_settings


async def listen(channel: str) -> None:
    client = aioredis.from_url(get_settings().redis_url, decode_responses=True)
    subscription = client.pubsub()
    await subscription.subscribe(channel)
    async for message in subscription.listen():
        print(message["data"])


if __name__ == "__main__":
    asyncio.run(listen("storefront"))
