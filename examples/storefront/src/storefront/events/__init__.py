from .bus import EventBus, bus, publish_now

__all__ = ["EventBus", "bus", "publish_now"]
