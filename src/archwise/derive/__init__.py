"""Facts about a library, read from its own source."""
