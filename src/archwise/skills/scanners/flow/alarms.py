"""The alarms of a skill's programs, each language read as one program: its files know each other."""

import ast
import textwrap
import warnings
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

import msgspec

from archwise.skills.scanners import rules
from archwise.skills.scanners.flow import from_javascript, from_powershell, from_python, from_shell
from archwise.skills.scanners.flow.from_shell import place
from archwise.skills.scanners.flow.judge import judged
from archwise.skills.scanners.flow.program import Program, Value
from archwise.skills.scanners.flow.roles import knowledge, plays
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
    program, named = Program(), _named(code)
    modules = frozenset(PurePosixPath(snippet.path).stem for snippet in code)
    try:
        for module, snippet in named.items():
            _add(program, module, snippet, language, modules)
        findings = list(judged(program, language))
    except RecursionError:
        why = "is nested so deeply that nobody has followed its data"
        yield Alarm("unreadable", "low", code[0].path, code[0].line, why)
        return
    seen = set()
    for finding in findings:
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
    if language != "shell":
        yield from _commands(program, named, language)


def _commands(program: Program, named: dict[str, Snippet], language: str) -> Iterator[Alarm]:
    """What the commands do that a program hands to a shell."""
    for call in program.calls:
        if call.parts and plays(call.call, getattr(knowledge(), language).runs_command):
            snippet = named[call.module]
            text = _handed_over(call, program)
            if " " in text:
                command = Snippet(snippet.path, snippet.line + call.line - 1, "shell", text, fenced=True)
                yield from rules.alarms("shell_code.toml", command)
                yield from _of([msgspec.structs.replace(command, fenced=snippet.fenced)], "shell")


def _handed_over(call: Value, program: Program) -> str:
    """The command line that a call has run: its first argument, or what a shell is given in a list of words."""
    words = [each for part in call.parts for each in (part.parts if part.parts and not part.call else (part,))]
    texts = [place(word, program) for word in words]
    for at, text in enumerate(texts[:-2]):
        if text.rpartition("/")[2] in ("sh", "bash", "zsh") and texts[at + 1] in ("-c", "-lc", "-ec"):
            return texts[at + 2]
    return place(call.parts[0], program)


def _named(code: Sequence[Snippet]) -> dict[str, Snippet]:
    """Files by the name that others import them by; of several of one name, all but the first numbered."""
    named: dict[str, Snippet] = {}
    for number, snippet in enumerate(code):
        stem = PurePosixPath(snippet.path).stem
        named[stem if stem not in named else f"{stem} {number}"] = snippet
    return named


def _add(program: Program, module: str, snippet: Snippet, language: str, modules: frozenset[str]) -> None:
    if language == "javascript":
        from_javascript.add(program, module, snippet.path, snippet.text, modules)
    elif language == "shell":
        from_shell.add(program, module, snippet.text)
    elif language == "powershell":
        from_powershell.add(program, module, snippet.text)
    elif (tree := _parsed(snippet.text)) is not None:
        from_python.add(program, module, tree, modules)


def _parsed(text: str) -> ast.Module | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(textwrap.dedent(text))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
