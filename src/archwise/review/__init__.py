"""Which decisions a code base has taken, beside those the guide would advise for its context."""
