"""What was found moves along with code that has only moved to other lines."""

from collections.abc import Mapping

import msgspec

from archwise.engine.ir import Suppression
from archwise.findings import Finding, Hop
from archwise.fixes.propose import FIXABLE, fixed_anew
from archwise.fixes.source import Source
from archwise.settle import Judged


def moved(
    judged: Judged,
    path: str,
    lines: Mapping[int, int],
    longer: int,
    suppressions: tuple[Suppression, ...],
    source: Source | None,
) -> Judged | None:
    """The same of a program in one file of which code has moved to other lines, as `lines_moved` tells.

    ``longer`` is by how many lines the file has grown, ``source`` what it holds now: a fix is made for one content.
    None where a finding stands on a line that holds no code, and where only judging tells what its fix is.
    """
    findings: list[Finding] = []
    for finding in judged.findings:
        still: Finding | None = finding
        if finding.path == path or any(hop.path == path for hop in finding.trace):
            try:
                still = _moved(finding, path, lines)
            except KeyError:
                return None
        if still is not None and still.path == path and still.rule in FIXABLE:
            still = fixed_anew(source, still) if source is not None else None
        if still is None:
            return None
        findings.append(still)
    comments = {**judged.suppressions, path: suppressions}
    kept = {path: comments[path] for path in sorted(comments) if comments[path]}
    return Judged(tuple(findings), judged.unread, judged.lines + longer, kept, judged.typed)


def _moved(finding: Finding, path: str, lines: Mapping[int, int]) -> Finding:
    trace = tuple(
        Hop(hop.path, lines[hop.line], hop.column, hop.symbol, hop.note) if hop.path == path else hop
        for hop in finding.trace
    )
    if finding.path != path:
        return msgspec.structs.replace(finding, trace=trace)
    return msgspec.structs.replace(finding, line=lines[finding.line], end_line=lines[finding.end_line], trace=trace)
