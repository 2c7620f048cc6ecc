"""The same findings in the same order, whatever the order of the files, the workers and the state of the cache."""

from pathlib import Path
from random import Random
from unittest.mock import patch

import msgspec
import pytest
from edits import edited, with_lines_moved
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from programs import PROGRAMS, Files, program
from project import BLOCKS, Project

from archwise.engine.extract import summarise
from archwise.engine.read import Read, prepared
from archwise.findings import Finding, Report
from archwise.judge import judge
from archwise.settings import Settings
from archwise.settle import settled

EVERYTHING = Settings(select=("ALL",), severity="info")


def judged(files: Files) -> tuple[Finding, ...]:
    """What the rules say of files, in the order they are given."""
    reads = {path: Read(path, msgspec.msgpack.encode(summarise(text.encode()))) for path, text in files.items()}
    return settled(
        judge(reads, {}, {}, EVERYTHING, Path("/p"), Path("/p"), lambda stage, done, total: None), EVERYTHING
    )


@given(PROGRAMS, st.randoms(use_true_random=False))
@settings(max_examples=60)
def test_no_program_fails_and_the_order_of_files_is_nothing(files: Files, random: Random) -> None:
    order = list(files)
    random.shuffle(order)
    with prepared():
        assert judged(files) == judged({path: files[path] for path in order})


CIRCLES = {
    "called": ("A.__call__ = A()", "A()()()"),
    "made": ("A.__init__ = A", "A()"),
    "by one another": ("A.__call__ = B()\nB.__call__ = A()", "A()()"),
    "entered": ("A.__enter__ = A.__exit__ = A()\nA.__call__ = A()", "with A() as a: a()"),
    "read": ("A.__getattr__ = A.__get__ = A()\nA.a = A()", "A().a.b()"),
    "iterated over": ("A.__iter__ = A.__next__ = A()", "[a() for a in A()]"),
}


@pytest.mark.parametrize(("kept", "used"), CIRCLES.values(), ids=CIRCLES)
def test_special_methods_that_lead_back_to_their_class(kept: str, used: str) -> None:
    code = f"import time\nclass A: pass\nclass B: pass\n{kept}\nasync def f():\n    {used}\n    time.sleep(1)\n"
    with prepared():
        assert "AW201" in {finding.rule for finding in judged({"a.py": code})}


def test_random_programs_have_findings() -> None:
    with prepared():
        counts = [len(judged(program([seed, seed + 1, seed + 2]))) for seed in range(20)]
    assert sum(counts) > 50


@pytest.fixture
def forked() -> object:
    """Any number of files is worth a pool, and a chunk a file."""
    with patch("archwise.engine.workers._WORTH_A_POOL", 0), patch("archwise.engine.workers._CHUNK", 1):
        yield


@given(PROGRAMS, st.randoms(use_true_random=False))
@settings(max_examples=8, phases=[Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_workers_paths_and_cache_change_nothing(
    tmp_path_factory: pytest.TempPathFactory, forked: object, files: Files, random: Random
) -> None:
    project = Project(tmp_path_factory.mktemp("project"))
    project.write(dict(files))
    paths = [project.root / name for name in files]
    random.shuffle(paths)

    def same(expected: Report) -> None:
        assert project.check(workers=2) == expected
        assert project.check(*paths) == expected
        assert project.check(*paths, project.root, workers=2) == expected

    plain = project.check(workers=1)
    same(plain)
    assert project.check(cache=True) == plain, "cold"
    assert project.check(cache=True) == plain, "warm"
    texts = dict(files)
    for _ in range(4):
        changed, other = random.choice(sorted(files)), random.choice(sorted(files))
        texts[changed] = edited(texts[changed], files[other], random)
        project.write({changed: texts[changed]})
        after = project.check()
        assert project.check(cache=True, workers=2) == after, "partly warm"
        assert project.check(cache=True) == after, "warm again"
    project.write(dict(files))
    assert project.check(cache=True) == plain, "as it was"
    (project.root / random.choice(sorted(files))).unlink()
    assert project.check(cache=True) == project.check(), "a file less"


@given(PROGRAMS, st.randoms(use_true_random=False))
@settings(max_examples=25)
def test_where_only_lines_have_moved_the_findings_move_along(
    tmp_path_factory: pytest.TempPathFactory, files: Files, random: Random
) -> None:
    project = Project(tmp_path_factory.mktemp("project"))
    texts = {name: text.replace("é", "e") for name, text in files.items()}
    project.write(dict(texts)).check(cache=True)
    for name in random.sample(sorted(texts), random.randint(1, len(texts))):
        texts[name] = with_lines_moved(texts[name], random)
    after = project.write(dict(texts)).check()
    with patch("archwise.judge.judge", side_effect=AssertionError("judged again")):
        assert project.check(cache=True) == after
        assert project.check(cache=True) == after, "and was kept"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x = f(1)\n", "x = f(2)\n"),
        ("x = f(1)\n", "x =  f(1)\n"),
        ("x = f(a, b)\n", "x = f(a,\n  b)\n"),
        ("f(); g()\n", "f()\ng()\n"),
        ("x = 'e' * f()\n", "x = 'é' * f()\n"),
        ("def f(): pass\n", "async def f(): pass\n"),
        ("f()\ng()\n", "g()\nf()\n"),
    ],
)
def test_any_other_edit_is_judged(before: str, after: str, project: Project) -> None:
    blocks = "\nimport time\nasync def h():\n    time.sleep(1)\n"
    project.write({"a.py": before + blocks}).check(cache=True)
    project.write({"a.py": after + blocks})
    with patch("archwise.judge.judge", side_effect=InterruptedError), pytest.raises(InterruptedError):
        project.check(cache=True)


def test_a_column_behind_wide_characters_is_counted_anew(project: Project) -> None:
    text = f"import time\nasync def f():\n    return '{'e' * 60}é', time.sleep(1)\n"
    for changed in (text.replace("é", "ee"), text, text + "# é\n"):
        assert project.write({"a.py": changed}).check(cache=True) == project.check()


def test_a_comment_that_silences_is_heeded_without_judging(project: Project) -> None:
    loud = "import asyncio\n\nasync def f():\n    pass\n\nasync def g():\n    f()\n"
    silent = loud.replace("    f()", "    f()  # archwise: ignore[AW205]")
    assert [found.rule for found in project.write({"a.py": loud}).check(cache=True).findings] == ["AW205"]
    project.write({"a.py": silent})
    with patch("archwise.judge.judge", side_effect=InterruptedError):
        assert not project.check(cache=True).findings
    project.write({"a.py": silent.replace("AW205", "AW204")})
    with patch("archwise.judge.judge", side_effect=InterruptedError):
        assert [found.rule for found in project.check(cache=True).findings] == ["AW002", "AW205"]


def test_a_fix_is_made_for_the_new_lines(project: Project) -> None:
    project.write({"a.py": BLOCKS}).check(cache=True)
    project.write({"a.py": BLOCKS.replace("async def", "# more\nasync def")})
    (fresh,) = project.check().findings
    assert fresh.fix is not None
    with patch("archwise.judge.judge", side_effect=AssertionError("judged again")):
        assert project.check(cache=True).findings == (fresh,)


def test_a_report_from_the_cache_is_the_report(project: Project, forked: object) -> None:
    project.write({"a.py": "import time\nasync def é():\n    time.sleep(1)\n", "b.py": "print 1\n", "c.py": b"\xff"})
    plain = project.check()
    assert len(plain.findings) == 3
    assert [project.check(cache=True, workers=workers) for workers in (2, 1, 2)] == [plain] * 3


def test_a_rule_switched_off_is_no_old_report(project: Project) -> None:
    project.write({"a.py": "import time\nasync def f():\n    time.sleep(1)\n"})
    assert len(project.check(cache=True).findings) == 1
    assert not project.check(cache=True, select=("AW205",)).findings
    assert not project.check(cache=True, per_file_ignores={"a.py": ("AW2",)}).findings
    assert len(project.check(cache=True).findings) == 1
