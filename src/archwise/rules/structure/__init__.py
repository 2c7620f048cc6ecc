"""Structure: layers, features, what an import does (section 4)."""
