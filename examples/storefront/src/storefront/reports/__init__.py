from .backup import dump_database
from .invoice import render_invoice
from .sales import sales_table
from .texts import load_text

__all__ = ["dump_database", "load_text", "render_invoice", "sales_table"]
