"""Rules about async and sync code: section 2 of the guide."""
