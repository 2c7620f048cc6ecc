import csv
import io
from collections.abc import Iterable

from ..models import Order


def sales_table(orders: Iterable[Order]) -> str:
    """The orders as CSV, made in memory."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(["order", "status", "total"])
    for order in orders:
        writer.writerow([order.id, order.status, order.total])
    return buffer.getvalue()
