"""Section 9 of the guide: tests."""
