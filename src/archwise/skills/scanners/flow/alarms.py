"""The alarms of a skill's programs, each language read as one program: its files know each other."""

import ast
import textwrap
import warnings
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from archwise.skills.scanners import rules
from archwise.skills.scanners.flow import from_javascript, from_python, from_shell
from archwise.skills.scanners.flow.judge import judged
from archwise.skills.scanners.flow.program import Program
from archwise.skills.scanners.reading import Snippet
from archwise.skills.scanners.scanner import Alarm

_LONGEST = 200_000
"""Characters of a file that are read: more is a bundle, and its rules are those of packages."""


def alarms(code: Sequence[Snippet], language: str) -> Iterator[Alarm]:
    """What programs do with data that none should; what a text shows is taken piece by piece, and weighs less."""
    whole = [snippet for snippet in code if not snippet.fenced and len(snippet.text) < _LONGEST]
    yield from _of(whole, language)
    for snippet in code:
        if snippet.fenced and len(snippet.text) < _LONGEST:
            yield from _of([snippet], language)


def _of(code: Sequence[Snippet], language: str) -> Iterator[Alarm]:
    program = Program()
    stems = {str(number): PurePosixPath(snippet.path).stem for number, snippet in enumerate(code)}
    modules = frozenset(stems.values())
    named: dict[str, Snippet] = {}
    for number, snippet in enumerate(code):
        module = stems[str(number)]
        if module in named:
            module = f"{module} {number}"
        named[module] = snippet
        if language == "python":
            tree = _parsed(snippet.text)
            if tree is not None:
                from_python.add(program, module, tree, modules)
        elif language == "javascript":
            from_javascript.add(program, module, snippet.path, snippet.text, modules)
        else:
            from_shell.add(program, module, snippet.text)
    seen = set()
    for finding in judged(program, language):
        snippet = named[finding.at.module]
        line = snippet.line + finding.at.line - 1
        if (finding.rule, snippet.path, line) in seen:
            continue
        seen.add((finding.rule, snippet.path, line))
        severity = finding.severity
        if snippet.fenced and severity != "medium":
            severity = rules.lesser(severity)
        lines = snippet.text.splitlines()
        evidence = lines[finding.at.line - 1].strip()[:200] if finding.at.line <= len(lines) else ""
        yield Alarm(finding.rule, severity, snippet.path, line, finding.why, evidence)


def _parsed(text: str) -> ast.Module | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(textwrap.dedent(text))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
