"""Findings about effects that reach the event loop: the place, the path, the cause and the cheapest fix."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import msgspec

from archwise.engine import ir
from archwise.engine.event import Launch
from archwise.engine.frequency import is_guarded, is_once_a_key, is_repeated
from archwise.engine.loop_bound import could_be_plain
from archwise.engine.nonblocking import expects_refusal
from archwise.engine.reach import steps
from archwise.findings import Finding, Hop, Severity
from archwise.rules import doubt
from archwise.rules.loopless import is_loopless
from archwise.rules.twofold import is_for_others, is_of_either_kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from archwise.engine.analysis import Analysis
    from archwise.engine.program import Code
    from archwise.engine.reach import Reach, Step
    from archwise.knowledge.facts import Effect
    from archwise.rules.rule import Rule

MOST_AT_A_PLACE = 4
_FIRST = frozenset({"file", "metadata", "input", "subprocess"})
_REFUSING = frozenset({"network", "lock"})
"""Kinds of waits that sockets and queues can be told to refuse instead."""
_BROWSER = "pyodide_js"
_INSIDE_LOCKS = "threading.Condition.wait"
_AWAITED = "though it is awaited"


def findings(
    analysis: Analysis, rule: Rule, kinds: Mapping[str, tuple[Severity, str]], defect: str
) -> Iterator[Finding]:
    """One finding for each call on the loop and each function with such an effect that it reaches.

    ``kinds`` gives the severity while serving and the words for what the call does; ``defect`` completes "``x`` … ".
    """
    for finding, _ in found(analysis, rule, kinds, defect):
        yield finding


def found(
    analysis: Analysis, rule: Rule, kinds: Mapping[str, tuple[Severity, str]], defect: str
) -> Iterator[tuple[Finding, Reach]]:
    """The same, each with what it was made of."""
    for code in analysis.on_loop:
        for reach in places(analysis, code, kinds):
            finding = _finding(analysis, rule, code, reach, kinds, defect)
            reason = doubt.reason(analysis, reach) if finding.confidence == "likely" else ""
            if reason:
                finding = msgspec.structs.replace(finding, message=f"{finding.message} (in doubt: {reason})")
            if reason or is_calm(analysis, code, reach):
                finding = msgspec.structs.replace(finding, severity="info")
            yield finding, reach


def places(analysis: Analysis, code: Code, kinds: Mapping[str, object]) -> list[Reach]:
    """What a function on the loop reaches: for each of its calls and each function below, the shortest proof."""
    order = list(kinds)
    chosen: dict[tuple[int, Code], Reach] = {}
    for reach in analysis.reaches(code):
        if (
            reach.effect.kind not in kinds
            or _follows_open(reach)
            or doubt.is_farfetched(reach)
            or _is_threadless(analysis, reach)
            or _is_in_browser(reach)
            or any(is_loopless(analysis.events, step) for step in steps(reach.path))
            or is_for_others(analysis, reach)
        ):
            continue
        if reach.effect.kind in _REFUSING and any(expects_refusal(step.code, step.op) for step in steps(reach.path)):
            continue
        key = reach.path.op, reach.sink.code
        known = chosen.get(key)
        if known is None or _rank(analysis, reach, order) < _rank(analysis, known, order):
            chosen[key] = reach
    found: dict[int, list[Reach]] = {}
    for reach in sorted(chosen.values(), key=lambda r: _rank(analysis, r, order)):
        at_place = found.setdefault(reach.path.op, [])
        if len(at_place) < MOST_AT_A_PLACE:
            at_place.append(reach)
    return [reach for op in sorted(found) for reach in found[op]]


def is_calm(analysis: Analysis, code: Code, reach: Reach) -> bool:
    """Whether nobody waits: at start-up, a first time only, not again, in a one-shot command or a test."""
    return (
        reach.once
        or analysis.contexts.is_calm(code)
        or analysis.kept.is_over(reach)
        or analysis.contexts.is_before_serving(reach.path)
        or _is_first_step(analysis, code, reach)
        or _is_through_startup(analysis, reach)
        or _is_brief_lock(reach)
        or _is_file_of_a_key(analysis, reach)
        or (reach.effect.kind == "input" and analysis.contexts.is_dialogue(code))
    )


def _is_first_step(analysis: Analysis, code: Code, reach: Reach) -> bool:
    """Whether a program does this once, in the very function it begins in: it reads its files, asks, starts a child.

    Whatever else it waits for there keeps nobody waiting before the first ``await``, nor after the last.
    """
    if not analysis.contexts.begins_in(code) or is_repeated(code, reach.path.op):
        return False
    return reach.effect.kind in _FIRST or _is_alone(code.scope, reach.path.op)


def _is_alone(scope: ir.Scope, op: int) -> bool:
    """Whether the loop has nothing else to run yet, or any more: no ``await`` comes before, or none behind."""
    awaits = [index for index, each in enumerate(scope.ops) if ir.suspends(each)]
    leaves_late = any(isinstance(scope.ops[index], ir.Enter) for index in awaits)
    return not awaits or op < awaits[0] or (op > awaits[-1] and not leaves_late)


def _is_through_startup(analysis: Analysis, reach: Reach) -> bool:
    """Whether the path leads through what a framework is told to run at start-up: who calls that starts up."""
    return any(
        root is not None and root.role == "startup"
        for root in (analysis.contexts.root(step.code) for step in steps(reach.path.next))
    )


def _is_file_of_a_key(analysis: Analysis, reach: Reach) -> bool:
    """Whether this reads a file once for each thing that is asked for: later requests find what came of it."""
    return reach.effect.kind == "file" and any(
        is_once_a_key(analysis.inference, step.code, step.op) for step in steps(reach.path)
    )


def _is_brief_lock(reach: Reach) -> bool:
    """Whether this enters a lock of the program's own: as with a thread lock, others hold it for a moment."""
    return reach.effect.name == _INSIDE_LOCKS and any(
        isinstance(step.code.scope.ops[step.op], ir.Enter) for step in steps(reach.path)
    )


def _rank(analysis: Analysis, reach: Reach, order: list[str]) -> tuple[bool, int, bool, int, int, int, str]:
    grave = order.index(reach.effect.kind)
    vague = not reach.certain or reach.open
    once = reach.once or analysis.contexts.is_before_serving(reach.path)
    return once, grave, vague, reach.guarded, reach.length, reach.sink.op, reach.effect.name


def _is_in_browser(reach: Reach) -> bool:
    """Whether this reads or writes files of Pyodide, which are in memory: only there is a module of this name."""
    return reach.effect.kind in ("file", "metadata") and any(
        _BROWSER in step.code.module.summary.imports for step in steps(reach.path)
    )


def _is_threadless(analysis: Analysis, reach: Reach) -> bool:
    """Whether a step is taken in place only for want of an executor: the program was told to do without threads."""
    return any(
        test.kind in ("none", "false") and "executor" in test.path.rpartition(".")[2]
        for step in steps(reach.path)
        for test in step.code.conditions(step.code.block_of(step.op))
    ) or any(_is_handed_on_otherwise(analysis, step) for step in steps(reach.path))


def _is_handed_on_otherwise(analysis: Analysis, step: Step) -> bool:
    """Whether a function calls under a condition what it otherwise, by the same name, hands to a thread."""
    if step.next is None or not is_guarded(step.code, step.op):
        return False
    ops = step.code.scope.ops
    name = step.code.callee_name(step.op)
    return any(
        isinstance(event, Launch) and event.code is step.next.code and event.passes == "thread"
        for site in analysis.events.sites(step.code)
        if isinstance(call := ops[site.op], ir.Call) and any(ir.identifier(ops[given]) == name for given in call.given)
        for events in site.alternatives
        for event in events
    )


def _follows_open(reach: Reach) -> bool:
    """Whether this reads or writes a file that the same function has just opened, which is what is reported."""
    if not reach.effect.name.startswith(("builtins.file.", "iterating over builtins.file")):
        return False
    names = {op.name for op in reach.sink.code.scope.ops if hasattr(op, "name")}
    ids = {getattr(op, "id", "") for op in reach.sink.code.scope.ops}
    return "open" in names or "open" in ids


def _finding(
    analysis: Analysis,
    rule: Rule,
    code: Code,
    reach: Reach,
    kinds: Mapping[str, tuple[Severity, str]],
    defect: str,
) -> Finding:
    severity, words = kinds[reach.effect.kind]
    words += f", {_AWAITED}," if reach.effect.coroutine else ""
    sink = reach.sink
    shown = reach.effect.name.removeprefix("builtins.")
    where = f" in `{sink.code.name}`" if sink.code is not code else ""
    way = ", reached through " + through(reach) if reach.length > 1 else ""
    trace = tuple(hops(reach, words))
    first = trace[0]
    is_certain = reach.certain and not doubt.is_conditional(reach) and not is_of_either_kind(reach)
    return Finding(
        rule=rule.code,
        name=rule.name,
        path=first.path,
        line=first.line,
        column=first.column,
        end_line=getattr(code.scope.ops[reach.path.op], "end_line", first.line),
        symbol=code.name,
        message=f"`{shown}` {words} and {defect} in `{code.name}`{way}",
        severity=severity,
        confidence="certain" if is_certain else "likely",
        claims=rule.claims,
        help=advice(analysis, code, reach),
        fingerprint="",
        cause=_cause(rule, reach),
        cause_message=f"`{shown}` {words} and {defect}{where}",
        roots=analysis.contexts.labels(code),
        trace=trace,
    )


def through(reach: Reach) -> str:
    """The functions between a place and what it reaches, in words."""
    names = [f"`{step.code.name}`" for step in steps(reach.path.next)]
    return " → ".join(names[:4]) + (" → …" if len(names) > 4 else "")


def hops(reach: Reach, words: str) -> Iterator[Hop]:
    """The path to an effect; ``words`` say what the last call does."""
    for step in steps(reach.path):
        below = step.next
        note = (
            f"calls `{below.code.name}`"
            if below is not None
            else f"{reach.effect.name.removeprefix('builtins.')} {words.rstrip(',')}"
        )
        op = step.code.scope.ops[step.op]
        yield Hop(step.code.module.path, getattr(op, "line", 1), getattr(op, "column", 0), step.code.name, note)


def _cause(rule: Rule, reach: Reach) -> str:
    """One for each function that waits and what it waits for; what code on the loop calls itself is one of a kind."""
    sink, effect = reach.sink, reach.effect
    what = effect.name if reach.length > 1 else f"{effect.kind} {_package(effect)}"
    identity = f"{rule.code}\0{sink.code.key}\0{what}"
    return hashlib.blake2b(identity.encode(), digest_size=6).hexdigest()


def _package(effect: Effect) -> str:
    """What a call belongs to, as far as one change would mend all its calls: files are read by many packages."""
    return "" if effect.kind == "file" else effect.name.rpartition(" ")[2].partition(".")[0]


def advice(analysis: Analysis, code: Code, reach: Reach) -> str:
    """The cheapest right fix for this place."""
    twin = reach.effect.twin
    if reach.effect.coroutine:
        return "awaiting it lets nothing else run: the library does this in place, so it belongs in another process"
    root = analysis.contexts.root(code)
    if root is not None and could_be_plain(root) and not analysis.loop_bound.is_bound(code):
        plain = f"a plain `def` with `{root.threaded}`" if root.threaded else "a plain `def`"
        return f"`{code.scope.name}` never awaits: make it {plain}, and the framework runs it in a thread"
    if root is not None and not code.scope.is_async:
        if reach.effect.kind == "cpu":
            return f"make `{code.scope.name}` async and hand the call to a thread in it: `await asyncio.to_thread(…)`"
        return f"make `{code.scope.name}` async and await what it waits for, or hand the call to a thread"
    if twin and reach.length == 1:
        return f"use `{twin}`, or hand the call to a thread: `await asyncio.to_thread(…)`"
    if twin:
        return f"use `{twin}` on this path and await it, or hand this call to a thread: `await asyncio.to_thread(…)`"
    return "hand the call to a thread: `await asyncio.to_thread(…)`"
