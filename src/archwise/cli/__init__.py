"""The command line: thin commands, heavy things imported late."""
