"""Every scanner answers with a row of its own, and one that crashes, hangs or ends its process is a failed row."""

import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from types import ModuleType

import pytest

from archwise.skills import panel, scanners, workers
from archwise.skills.panel import UnknownScannerError, headline, scan, scan_all
from archwise.skills.scanners.scanner import Alarm, SkippedError, UnavailableError
from archwise.skills.skill import Skill

GOOD = b"---\nname: good\ndescription: Adds numbers. Use it to add.\n---\n\nAdd them.\n"

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="made-up scanners reach workers by fork")


def made_up(name: str, scan: object) -> ModuleType:
    module = ModuleType(f"archwise.skills.scanners.{name}")
    vars(module).update(NAME=name, TITLE=name.title(), scan=scan, version=lambda: f"{name} 1")
    return module


def alarming(skill: Skill) -> Iterator[Alarm]:
    yield Alarm("bad", "high", "SKILL.md", 5, "it is bad")


def noting(skill: Skill) -> Iterator[Alarm]:
    yield Alarm("note", "info", "SKILL.md", 5, "it is noted")


def skipping(skill: Skill) -> Iterator[Alarm]:
    raise SkippedError("no shell code")
    yield


def unable(skill: Skill) -> Iterator[Alarm]:
    raise UnavailableError("needs the package frobnicate")
    yield


def crashing(skill: Skill) -> Iterator[Alarm]:
    raise ZeroDivisionError("oh")
    yield


def ending(skill: Skill) -> Iterator[Alarm]:
    os._exit(3)
    yield


def hanging(skill: Skill) -> Iterator[Alarm]:
    time.sleep(600)
    yield


def peeking(skill: Skill) -> Iterator[Alarm]:
    yield Alarm("seen", "low", "SKILL.md", 0, f"{os.environ.get('API_TOKEN')} {os.environ['HOME']}")


ALL = (alarming, noting, skipping, unable, crashing, ending, hanging, peeking)


@pytest.fixture
def made_up_panel(monkeypatch: pytest.MonkeyPatch) -> tuple[str, ...]:
    for function in ALL:
        name = function.__name__
        monkeypatch.setitem(sys.modules, f"archwise.skills.scanners.{name}", made_up(name, function))
    names = tuple(function.__name__ for function in ALL)
    monkeypatch.setattr(panel, "SCANNERS", names)
    return names


def test_each_scanner_has_its_row(made_up_panel: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("API_TOKEN", "secret")
    skill = Skill.of("good", {"SKILL.md": GOOD})
    rows = scan(skill, made_up_panel, limit=1.0)
    assert [(row.scanner, row.status, row.reason) for row in rows] == [
        ("alarming", "flagged", ""),
        ("noting", "clean", ""),
        ("skipping", "skipped", "no shell code"),
        ("unable", "did-not-run", "needs the package frobnicate"),
        ("crashing", "failed", "ZeroDivisionError: oh"),
        ("ending", "failed", "ended its process"),
        ("hanging", "failed", "took longer than 1 s"),
        ("peeking", "flagged", ""),
    ]
    assert headline(rows) == "1 of 8 reported clean"
    assert rows[0].version == "alarming 1" and rows[0].worst == "high"
    token, home = rows[-1].alarms[0].why.split()
    assert token == "None" and home != os.environ["HOME"] and not os.path.exists(home)  # noqa: PTH110


def test_skills_come_in_order_with_all_their_rows(made_up_panel: tuple[str, ...]) -> None:
    skills = [Skill.of(f"s{number}", {"SKILL.md": GOOD}) for number in range(5)]
    found = list(scan_all(skills, ("ending", "noting", "crashing")))
    assert [[row.status for row in rows] for rows in found] == [["clean", "failed", "failed"]] * 5


def failing_at(name: str, fail: Callable[[], None]) -> ModuleType:
    """A scanner of many skills at once that one called bad makes fail; each alarm says how many there were."""

    def scan_many(skills: Sequence[Skill]) -> list[list[Alarm]]:
        if any(skill.folder == "bad" for skill in skills):
            fail()
        return [[Alarm("seen", "low", "SKILL.md", 0, f"{skill.folder} of {len(skills)}")] for skill in skills]

    module = made_up(name, None)
    vars(module).update(scan_many=scan_many)
    return module


def say_no() -> None:
    raise ZeroDivisionError("oh")


@pytest.mark.parametrize(
    ("fail", "why"),
    [
        (say_no, "ZeroDivisionError: oh"),
        (partial(os._exit, 3), "ended its process"),
        (partial(time.sleep, 600), "took longer than 1 s"),
    ],
)
def test_many_skills_are_looked_at_in_one_go_and_one_that_breaks_it_fails_alone(
    monkeypatch: pytest.MonkeyPatch, fail: Callable[[], None], why: str
) -> None:
    monkeypatch.setitem(sys.modules, "archwise.skills.scanners.many", failing_at("many", fail))
    monkeypatch.setattr(panel, "SCANNERS", ("many",))
    monkeypatch.setattr(workers, "SLOW_TO_START", {"many"})
    monkeypatch.setattr(workers, "_BATCH", 2)
    skills = [Skill.of(name, {"SKILL.md": GOOD}) for name in ("a", "b", "bad", "d", "e")]
    rows = [row for (row,) in scan_all(skills, limit=1.0)]
    assert [row.alarms[0].why if row.alarms else row.reason for row in rows] == [
        "a of 2", "b of 2", why, "d of 1", "e of 1",
    ]  # fmt: skip
    assert [row.status for row in rows] == ["flagged", "flagged", "failed", "flagged", "flagged"]


def test_an_unknown_scanner_is_named(made_up_panel: tuple[str, ...]) -> None:
    with pytest.raises(UnknownScannerError, match=r"'nobody': there are alarming, "):
        scan(Skill.of("good", {"SKILL.md": GOOD}), ("nobody",))


@pytest.mark.parametrize("name", scanners.SCANNERS)
def test_the_panel_s_own_scanners_answer(name: str) -> None:
    (row,) = scan(Skill.of("good", {"SKILL.md": GOOD}), (name,))
    assert row.scanner == name and row.title and row.status in {"clean", "skipped", "did-not-run"}
