"""Work that outlives a request. It runs in worker processes, where waiting is fine."""

import time

import requests

from ..core.database import unit_of_work
from ..core.settings import get_settings
from ..events import publish_now
from ..reports import dump_database, render_invoice
from ..repositories import OrderRepository
from .app import celery


@celery.task(max_retries=5)
def send_invoice(order_id: int) -> None:
    with unit_of_work() as session:
        pdf = render_invoice(OrderRepository(session).get(order_id))
    requests.post("https://mail.example.test/send", files={"invoice": pdf}, timeout=30).raise_for_status()
    publish_now("invoice_sent", order=order_id)


@celery.task
def backup() -> str:
    time.sleep(1)
    return str(dump_database(get_settings()))
