"""Writes suppression comments, without changing anything else of a file."""

import ast
import io
import re
import tokenize
import warnings
from collections.abc import Iterable
from pathlib import Path

import msgspec

from archwise.findings import Finding
from archwise.fixes.apply import put

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_MARKER = re.compile(r"#[ \t]*archwise:[ \t]*ignore\[(?P<codes>[^\]\n]*)\]", re.IGNORECASE)
_OWN = "AW0"
"""Findings about files and suppressions themselves: a suppression is no answer to them."""


class Added(msgspec.Struct, frozen=True):
    """How many comments were written, and the findings that none could be written for."""

    lines: int
    files: int
    refused: tuple[Finding, ...]


def add_ignores(root: Path, findings: Iterable[Finding]) -> Added:
    """Put ``# archwise: ignore[CODE]`` on the line of each finding; every file keeps its bytes otherwise.

    In a template it is ``{# archwise: ignore[CODE] #}``.
    """
    by_path: dict[str, list[Finding]] = {}
    for finding in findings:
        if not finding.rule.startswith(_OWN):
            by_path.setdefault(finding.path, []).append(finding)
    lines, files, refused = 0, 0, []
    for path, group in by_path.items():
        try:
            written, left = _rewrite(root / path, group)
        except (OSError, SyntaxError, ValueError, RecursionError, MemoryError, tokenize.TokenError):
            written, left = 0, group
        lines, files = lines + written, files + bool(written)
        refused += left
    return Added(lines, files, tuple(refused))


def _rewrite(file: Path, findings: list[Finding]) -> tuple[int, list[Finding]]:
    if file.suffix != ".py":
        return _rewrite_template(file, findings)
    content = file.read_bytes()
    encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
    text = content.decode(encoding)
    lines: list[str] = _LINE.findall(text)
    comments, closed = _anatomy(text)
    wanted: dict[int, set[str]] = {}
    refused = []
    for finding in findings:
        place = next((line for line in (finding.line, finding.end_line) if line not in closed), None)
        if place is None or not 0 < place <= len(lines):
            refused.append(finding)
        else:
            wanted.setdefault(place, set()).add(finding.rule)
    for number, codes in wanted.items():
        lines[number - 1] = _marked(lines[number - 1], comments.get(number), codes)
    changed = "".join(lines)
    if not _same_program(text, changed):
        return 0, findings
    put(file, changed.encode(encoding))
    return len(wanted), refused


def _rewrite_template(file: Path, findings: list[Finding]) -> tuple[int, list[Finding]]:
    lines: list[str] = _LINE.findall(file.read_bytes().decode("utf-8"))
    wanted: dict[int, set[str]] = {}
    refused = [finding for finding in findings if not 0 < finding.line <= len(lines)]
    for finding in findings:
        if finding not in refused:
            wanted.setdefault(finding.line, set()).add(finding.rule)
    for number, codes in wanted.items():
        line = lines[number - 1]
        body = line.rstrip("\r\n")
        found = _MARKER.search(line)
        if found is None:
            lines[number - 1] = f"{body} {{# archwise: ignore[{', '.join(sorted(codes))}] #}}{line[len(body) :]}"
        else:
            lines[number - 1] = _with_codes(line, found, codes)
    put(file, "".join(lines).encode())
    return len(wanted), refused


def _anatomy(text: str) -> tuple[dict[int, int], set[int]]:
    """The column of each line's comment, and the lines whose end lies in a string or is a continuation."""
    comments: dict[int, int] = {}
    closed: set[int] = set()
    source = text.replace("\r\n", "\n").replace("\r", "\n")
    strings: list[int] = []
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        name = tokenize.tok_name[token.type]
        if token.type == tokenize.COMMENT:
            comments[token.start[0]] = token.start[1]
        elif token.type == tokenize.STRING:
            closed.update(range(token.start[0], token.end[0]))
        elif name in ("FSTRING_START", "TSTRING_START"):
            strings.append(token.start[0])
        elif name in ("FSTRING_END", "TSTRING_END"):
            closed.update(range(strings.pop(), token.end[0]))
    for number, line in enumerate(source.split("\n"), start=1):
        if number not in comments and line.endswith("\\"):
            closed.add(number)
    return comments, closed


def _marked(line: str, comment: int | None, codes: set[str]) -> str:
    body = line.rstrip("\r\n")
    end = line[len(body) :]
    found = None if comment is None else _MARKER.search(body, comment)
    if found is None:
        return f"{body.rstrip()}  # archwise: ignore[{', '.join(sorted(codes))}]{end}"
    return _with_codes(body, found, codes) + end


def _with_codes(text: str, found: re.Match[str], codes: set[str]) -> str:
    """A text in whose marker these codes stand after those that it has."""
    listed = [code.strip() for code in found["codes"].split(",") if code.strip()]
    merged = [*listed, *sorted(codes - {code.upper() for code in listed})]
    return f"{text[: found.start('codes')]}{', '.join(merged)}{text[found.end('codes') :]}"


def _same_program(before: str, after: str) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.dump(ast.parse(before)) == ast.dump(ast.parse(after))
