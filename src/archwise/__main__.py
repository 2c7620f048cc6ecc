"""``python -m archwise``."""

from archwise.cli.main import main

if __name__ == "__main__":
    main()
