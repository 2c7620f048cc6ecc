"""Section 7 of the guide: background work."""
