"""Events that other services listen to, sent over Redis channels."""

import asyncio
import json
from typing import Any

from ..core.cache import get_async_cache


class EventBus:
    def __init__(self, channel: str):
        self.channel = channel

    async def publish(self, name: str, **facts: Any) -> None:
        message = json.dumps({"event": name, **facts})
        await get_async_cache().publish(self.channel, message)


bus = EventBus("storefront")


def publish_now(name: str, **facts: Any) -> None:
    """For sync code: publishes and waits until it is done."""
    asyncio.run(bus.publish(name, **facts))
