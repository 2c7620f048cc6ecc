"""Runs the rules over a program."""

import io
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import msgspec

from archwise import rules
from archwise.engine import ir
from archwise.engine.analysis import Analysis
from archwise.engine.read import Read, debugging, decode
from archwise.engine.templates.files import suppressions_of
from archwise.findings import Finding, Hop, Typed, Unread, shown
from archwise.fixes.propose import with_fixes
from archwise.knowledge.loader import KnowledgeError, available, convert, load, parse, referred
from archwise.knowledge.schema import File
from archwise.rules.own import unreadable_file
from archwise.rules.types import untyped_public_function
from archwise.settings import Settings
from archwise.settle import Judged

Look = Callable[[Analysis, Callable[[str], str]], None]
"""Is shown a program, and what turns its paths into those for people."""
_UNIMPORTED = frozenset({"pytest"})
"""Packages that a program uses without importing them: tests are run by one."""


def judge(
    reads: Mapping[str, Read],
    beside: Mapping[str, str],
    templates: Mapping[str, str],
    settings: Settings,
    root: Path,
    base: Path,
    tell: Callable[[str, int, int], None],
    look: Look | None = None,
) -> Judged:
    """What the rules find, the files that could not be read, the number of lines, how much of what is public is typed.

    ``reads``, the texts ``beside`` them and ``templates`` are keyed by path relative to ``base``; what is returned
    speaks of paths relative to ``root``. ``look`` is shown the program before the rules are.
    """
    summaries = {path: decode(read.summary) for path, read in reads.items() if read.summary}
    people = _Shown(root, base, summaries)
    unread = tuple(
        Unread(people.path(path), read.reason, read.line) for path, read in reads.items() if not read.summary
    )
    lines = sum(s.lines for s in summaries.values()) + sum(read.lines for read in reads.values() if not read.summary)
    on = settings.rules
    findings = list(unreadable_file.findings(unread)) if unreadable_file.RULE.code in on else []
    own = _own_knowledge(settings)
    named = imported_roots(summaries.values()).union(*map(referred, own.values()))
    knowledge = load((named & available()) | _UNIMPORTED) | own
    analysis = Analysis(summaries, knowledge, settings.declared, beside, templates)
    if look is not None:
        look(analysis, people.path)
    modules = [module for module in rules.modules(on) if hasattr(module, "check")]
    failed: list[tuple[str, str]] = []
    for done, module in enumerate(modules):
        tell("checking", done, len(modules))
        try:
            findings.extend([people.finding(finding) for finding in module.check(analysis)])
        except Exception as error:
            if debugging():
                raise
            failed.append((module.RULE.code, " ".join(f"{type(error).__name__}: {error}".split())))
            analysis = Analysis(summaries, knowledge, settings.declared, beside, templates)  # nothing half done is left
    tell("checking", len(modules), len(modules))
    suppressions = {people.path(path): s.suppressions for path, s in summaries.items() if s.suppressions}
    commented = {people.path(path): suppressions_of(text) for path, text in templates.items()}
    suppressions.update((path, found) for path, found in commented.items() if found)
    typed = _typed(analysis) if untyped_public_function.RULE.code in on else None
    digests = {people.path(path): read.digest for path, read in reads.items()}
    fixed = with_fixes(analysis, findings, root, digests)
    unmatched = tuple(settings.declared.unmatched(map(analysis.program.imported_as, analysis.program.modules.values())))
    return Judged(tuple(fixed), unread, lines, dict(sorted(suppressions.items())), typed, unmatched, tuple(failed))


def _typed(analysis: Analysis) -> Typed:
    typed, functions = analysis.public.coverage
    return Typed(functions, typed)


def _own_knowledge(settings: Settings) -> dict[str, File]:
    """The project's own facts: files by path, tables by their place in the settings."""
    found: dict[str, File] = {}
    for number, given in enumerate(settings.knowledge):
        if isinstance(given, str):
            try:
                text = (settings.root / given).read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError) as error:
                raise KnowledgeError(f"{given}: cannot be read: {getattr(error, 'strerror', None) or error}") from error
            found[given] = parse(text, given)
        else:
            found[f"#{number}"] = convert(given, "[tool.archwise.knowledge]")
    return found


def imported_roots(summaries: Iterable[ir.Summary]) -> frozenset[str]:
    """The first names of all absolute imports."""
    return frozenset(root for summary in summaries for root in summary.imports)


class _Shown:
    """Turns a program's own paths and columns into those that people see."""

    def __init__(self, root: Path, base: Path, summaries: Mapping[str, ir.Summary]) -> None:
        self._root, self._base, self._summaries = root, base, summaries
        self._paths: dict[str, str] = {}
        self._lines: dict[str, list[bytes]] = {}

    def path(self, path: str) -> str:
        """A path relative to the root."""
        found = self._paths.get(path)
        if found is None:
            found = self._paths[path] = shown(path, self._base, self._root)
        return found

    def finding(self, finding: Finding) -> Finding:
        """A finding in terms of shown paths, its columns counted in characters from one."""
        return msgspec.structs.replace(
            finding,
            path=self.path(finding.path),
            column=self._column(finding.path, finding.line, finding.column),
            trace=tuple(
                Hop(self.path(hop.path), hop.line, self._column(hop.path, hop.line, hop.column), hop.symbol, hop.note)
                for hop in finding.trace
            ),
        )

    def _column(self, path: str, line: int, offset: int) -> int:
        summary = self._summaries.get(path)
        if summary is None or line not in summary.wide:
            return offset + 1
        lines = self._lines.get(path)
        if lines is None:
            lines = self._lines[path] = _lines(self._base / path)
        return len(lines[line - 1][:offset].decode("utf-8", "replace")) + 1 if line <= len(lines) else offset + 1


def _lines(file: Path) -> list[bytes]:
    """The lines as the parser counts their bytes: in UTF-8, whatever encoding the file is in."""
    import tokenize

    try:
        content = file.read_bytes()
        encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
        return content.decode(encoding).encode().splitlines()
    except (OSError, SyntaxError, ValueError):
        return []
