"""Section 5: models, queries, and what sends them."""
