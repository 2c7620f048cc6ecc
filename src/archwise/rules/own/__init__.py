"""Rules about the run itself: what could not be read, what is suppressed for nothing."""
