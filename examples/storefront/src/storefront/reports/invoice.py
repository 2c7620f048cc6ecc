from html import escape

from weasyprint import HTML

from ..models import Order

PAGE = """
<h1>Invoice {number}</h1>
<table>{rows}</table>
<p>Total: {total}</p>
"""


def render_invoice(order: Order) -> bytes:
    rows = "".join(
        f"<tr><td>{escape(line.sku)}</td><td>{line.quantity}</td><td>{line.price}</td></tr>" for line in order.lines
    )
    return _to_pdf(PAGE.format(number=order.id, rows=rows, total=order.total))


def _to_pdf(html: str) -> bytes:
    return HTML(string=html).write_pdf()
