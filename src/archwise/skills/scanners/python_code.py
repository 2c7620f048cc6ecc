"""Python: what goes from where it is secret to where it leaves, what is decoded and run, and what bandit says.

Bandit knows the dangerous calls one by one. What makes a skill malicious is their combination (credentials are read
*and* something is sent), which is looked for here, on the syntax tree, over all Python files of the skill.
"""

import ast
import logging
import re
import tempfile
import textwrap
import warnings
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from archwise.skills.scanners import flow, rules
from archwise.skills.scanners.python_facts import Facts, facts_of
from archwise.skills.scanners.reading import Snippet, snippets
from archwise.skills.scanners.scanner import Alarm, Severity, SkippedError, installed
from archwise.skills.skill import Skill

NAME = "python-code"
TITLE = "Python code"
_COMMAND = re.compile(
    r"\b(?:curl|wget|crontab|launchctl|schtasks|base64|nc|ncat|ssh|rm|chmod|docker|systemctl)\s|/dev/tcp/|\|\s*(?:ba)?sh\b"
)
_BANDIT: dict[str, Severity] = {
    "B102": "low", "B103": "low", "B301": "low", "B302": "low", "B307": "low", "B323": "low", "B501": "low",
    "B506": "low", "B602": "low", "B605": "low", "B609": "low", "B202": "low",
}  # fmt: skip
"""The tests of bandit that speak of danger rather than of style, and what each counts here."""


def version() -> str:
    """Bandit's version, and the state of the rules.

    Raises:
        UnavailableError: bandit is not installed.
    """
    return f"bandit {installed('bandit')}, {rules.version('python_facts.toml')}, {rules.version(flow.ROLES)}"


def scan(skill: Skill) -> Iterable[Alarm]:
    """What its Python files and snippets do that none should.

    Raises:
        SkippedError: there are none.
        UnavailableError: bandit is not installed.
    """
    code = snippets(skill, "python")
    if not code:
        raise SkippedError("no Python in this skill")
    version()
    return rules.gravest(_alarms(code))


def _alarms(code: Sequence[Snippet]) -> Iterator[Alarm]:
    yield from flow.alarms(code, "python")
    known = []
    for snippet in code:
        facts = _facts(snippet)
        if facts is None:
            if not snippet.fenced:
                yield Alarm(
                    "unreadable", "low", snippet.path, 1, "is not Python that can be read: nobody has looked at it"
                )
            continue
        known.append((snippet, facts))
        yield from _alone(snippet, facts)
        for command in _commands(snippet, facts):
            yield from rules.alarms("shell_code.toml", command)
    files = [(snippet, facts) for snippet, facts in known if not snippet.fenced]
    yield from _together(files)
    if files:
        yield from _bandit([snippet for snippet, _ in files])


def _commands(snippet: Snippet, facts: Facts) -> Iterator[Snippet]:
    """The texts of a program that are commands for a shell, read as such."""
    for line, text in facts.texts:
        if _COMMAND.search(text):
            yield Snippet(snippet.path, snippet.line + line - 1, "shell", text, fenced=True)


def _facts(snippet: Snippet) -> Facts | None:
    """What a program does; None where it is none, or nested more deeply than this Python can follow."""
    text = textwrap.dedent(snippet.text) if snippet.fenced else snippet.text
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return facts_of(ast.parse(text))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _alone(snippet: Snippet, facts: Facts) -> Iterator[Alarm]:
    def alarm(rule: str, severity: Severity, line: int, why: str) -> Alarm:
        shown = rules.lesser(severity) if snippet.fenced else severity
        return Alarm(rule, shown, snippet.path, snippet.line + line - 1, why, _line(snippet, line))

    for line, hazard in facts.hazards:
        yield alarm(hazard.rule, hazard.severity, line, hazard.why)
    if facts.sends and (facts.secrets or facts.environment):
        line, what = (facts.secrets or facts.environment)[0]
        where = f"line {snippet.line + facts.sends[0][0] - 1}"
        severity: Severity = "critical" if facts.secrets else "high"
        yield alarm("secrets-sent", severity, line, f"reads {what}, and sends data out ({where})")


def _together(known: list[tuple[Snippet, Facts]]) -> Iterator[Alarm]:
    """One file reads secrets, another sends: within one skill that is one program."""
    senders = [(snippet, facts) for snippet, facts in known if facts.sends]
    for snippet, facts in known:
        gathered = facts.secrets or facts.environment
        others = [sender for sender, _ in senders if sender.path != snippet.path]
        if gathered and others and not facts.sends:
            line, what = gathered[0]
            why = f"reads {what}, and {others[0].path} sends data out"
            yield Alarm("secrets-sent-elsewhere", "medium", snippet.path, line, why, _line(snippet, line))


def _bandit(code: list[Snippet]) -> Iterator[Alarm]:
    with tempfile.TemporaryDirectory(prefix="archwise-") as folder:
        named = {}
        for number, snippet in enumerate(code):
            file = Path(folder, f"{number}.py")
            file.write_text(snippet.text, encoding="utf-8")
            named[str(file)] = snippet
        for file_name, test, line, text in _issues(list(named)):
            snippet = named[file_name]
            yield Alarm(test.lower(), _BANDIT[test], snippet.path, line, f"bandit: {text}", _line(snippet, line))


def _issues(files: list[str]) -> list[tuple[str, str, int, str]]:
    """File, test, line and text of each finding."""
    logging.getLogger("bandit").setLevel(logging.CRITICAL)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of its own libraries, and of the syntax that it parses
        from bandit.core import config, manager

        found = manager.BanditManager(config.BanditConfig(), "file", profile={"include": list(_BANDIT), "exclude": []})
        found.ignore_nosec = True  # a comment of the skill itself silences nothing
        found.discover_files(files)
        found.run_tests()
    return [(issue.fname, issue.test_id, issue.lineno, " ".join(issue.text.split())) for issue in found.results]


def _line(snippet: Snippet, line: int) -> str:
    lines = snippet.text.splitlines()
    return lines[line - 1].strip()[:200] if 0 < line <= len(lines) else ""
