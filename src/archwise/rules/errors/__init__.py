"""Section 8: errors."""
