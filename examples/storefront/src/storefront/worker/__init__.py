from .app import celery

__all__ = ["celery"]
