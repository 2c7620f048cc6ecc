"""A shop's order service."""
