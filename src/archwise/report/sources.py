"""Lines of the checked files, for the reports that quote them."""

from collections.abc import Sequence
from functools import lru_cache
from io import BytesIO
from pathlib import Path


class SourceLines:
    """Reads a file when a line of it is first asked for; what cannot be read has no lines."""

    def __init__(self, root: str) -> None:
        self._root = Path(root)
        self._lines = lru_cache(maxsize=256)(self._read)

    def line(self, path: str, number: int) -> str | None:
        """A line, counted from one, without its end."""
        lines = self._lines(path)
        return lines[number - 1] if 0 < number <= len(lines) else None

    def _read(self, path: str) -> Sequence[str]:
        file = self._root / path
        try:
            text = decode(file.read_bytes()) if file.is_file() else None
        except (OSError, ValueError):
            return ()
        return text.replace("\r\n", "\n").replace("\r", "\n").split("\n") if text is not None else ()


def decode(content: bytes) -> str:
    """Source text as Python decodes it, with a replacement character where it would give up."""
    import tokenize

    try:
        encoding, _ = tokenize.detect_encoding(BytesIO(content).readline)
    except SyntaxError:
        encoding = "utf-8-sig"
    return content.decode(encoding, errors="replace")
