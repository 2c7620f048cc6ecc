"""Edits that put findings right, where they are local and certain. They are data; writing them is a step of its own."""
