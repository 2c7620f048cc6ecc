"""Type hints, where the rest of the program relies on them (section 3)."""
