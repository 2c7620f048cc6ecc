"""Archwise: Python architecture advice, made executable."""
