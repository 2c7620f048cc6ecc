"""Agent skills: where they come from, what they are checked for, where agents look for them."""
