"""``python -m archwise`` and the ``archwise`` command: an interrupt is heard from the first import on."""

import sys
from typing import NoReturn


def main() -> NoReturn:
    """Run the command that the process was called with."""
    try:
        from archwise.cli.main import main as run

        run()
    except KeyboardInterrupt:
        sys.stderr.write("archwise: interrupted\n")
        sys.exit(130)


if __name__ == "__main__":
    main()
