"""Section 6: FastAPI."""
