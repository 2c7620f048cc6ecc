"""Turns answers into decisions with reasons. It knows tables, and nothing of what they are about."""
