"""Django templates: found, read, and taken as code that goes through the rows a view gives it."""
