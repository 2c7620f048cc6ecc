"""Models, the relations between them, and what queries load of both."""
