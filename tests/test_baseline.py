"""A baseline hides what was agreed, fails on what is new, and only ever shrinks."""

import errno
from pathlib import Path

import pytest

from archwise import baseline
from archwise.baseline import Baseline, BaselineError, Entry
from archwise.findings import Finding

ALL = frozenset({"AW201", "AW204"})

FILE = """\
{
  "version": 1,
  "entries": [
    {
      "path": "app/a.py",
      "rule": "AW201",
      "count": 2,
      "fingerprints": [
        "f1",
        "f1"
      ]
    },
    {
      "path": "app/b.py",
      "rule": "AW204",
      "count": 1,
      "fingerprints": [
        "f2"
      ]
    }
  ]
}
"""


def finding(path: str, rule: str, fingerprint: str, line: int = 1) -> Finding:
    return Finding(
        rule=rule,
        name="a-b",
        path=path,
        line=line,
        column=1,
        end_line=line,
        symbol="",
        message="",
        severity="error",
        confidence="certain",
        claims=(),
        help="",
        fingerprint=fingerprint,
        cause="",
        cause_message="",
    )


A1, A2 = finding("app/a.py", "AW201", "f1", 3), finding("app/a.py", "AW201", "f1", 9)
B = finding("app/b.py", "AW204", "f2")
NEW = finding("app/b.py", "AW201", "f3")


def test_the_file_reads_well_and_back(tmp_path: Path) -> None:
    file = tmp_path / "baseline.json"
    baseline.write(file, baseline.of([B, A2, A1]))
    assert file.read_text() == FILE
    assert baseline.read(file) == baseline.of([A1, A2, B])
    assert baseline.read(file).total == 3


def test_agreed_findings_are_hidden_as_often_as_agreed() -> None:
    found = baseline.compare(baseline.of([A1, B]), [A1, A2, B, NEW], scope=["."], rules=ALL)
    assert found.new == (A2, NEW)
    assert found.gone == ()


def test_fixed_findings_are_gone_and_only_they_leave() -> None:
    kept = baseline.of([A1, A2, B])
    found = baseline.compare(kept, [A1, NEW], scope=["."], rules=ALL)
    assert found.new == (NEW,)
    assert found.gone == (("app/a.py", "AW201", "f1"), ("app/b.py", "AW204", "f2"))
    assert baseline.without(kept, found.gone) == Baseline(1, (Entry("app/a.py", "AW201", 1, ("f1",)),))


@pytest.mark.parametrize(
    ("scope", "rules", "unread"),
    [
        (["app/b.p", "other"], ALL, frozenset[str]()),
        (["."], frozenset({"AW201"}), frozenset[str]()),
        (["app"], ALL, frozenset({"app/b.py"})),
    ],
)
def test_what_this_run_could_not_see_is_not_gone(
    scope: list[str], rules: frozenset[str], unread: frozenset[str]
) -> None:
    assert baseline.compare(baseline.of([B]), [], scope=scope, rules=rules, unread=unread).gone == ()


def test_a_moved_finding_is_the_same(tmp_path: Path) -> None:
    moved = finding("app/b.py", "AW204", "f2", line=70)
    assert baseline.compare(baseline.of([B]), [moved], scope=["app/b.py"], rules=ALL).new == ()


@pytest.mark.parametrize("content", [b"", b"[]", b'{"version": 2, "entries": []}', b'{"entries": [{}]}', b"\xff"])
def test_a_broken_file_is_named(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "baseline.json"
    file.write_bytes(content)
    with pytest.raises(BaselineError, match=r"baseline\.json: not a baseline: "):
        baseline.read(file)


def test_a_missing_file_says_how_it_comes_about(tmp_path: Path) -> None:
    with pytest.raises(BaselineError, match=r"baseline\.json: there is no baseline yet; --write-baseline makes it"):
        baseline.read(tmp_path / "baseline.json")
    with pytest.raises(BaselineError, match="Is a directory"):
        baseline.write(tmp_path, baseline.of([]))


def test_a_full_disk_leaves_the_baseline_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    file = tmp_path / "baseline.json"
    baseline.write(file, baseline.of([A1]))
    before = file.read_bytes()
    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(BaselineError, match="No space left on device"):
        baseline.write(file, baseline.of([A1]))
    assert file.read_bytes() == before
    assert list(tmp_path.iterdir()) == [file]
