from celery import Celery

from ..core.settings import get_settings

celery = Celery("storefront", broker=get_settings().broker_url, include=["storefront.worker.tasks"])
celery.conf.task_acks_late = True
celery.conf.beat_schedule = {
    "nightly-backup": {"task": "storefront.worker.tasks.backup", "schedule": 86_400.0},
}
