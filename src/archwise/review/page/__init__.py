"""A review as one HTML page that needs no network."""

from archwise.review.page.page import render

__all__ = ["render"]
