"""The guide as data: its claims, what has moved since, and the tables that decide."""
