"""``archwise guide``, and ``archwise explain`` of what is in it."""

import json

import pytest
from stand_in import Run


def test_the_list(archwise: Run) -> None:
    code, out, _ = archwise("guide")
    assert code == 0
    assert "2 Async or sync\n" in out
    assert "  G2.5   Do not use sync libraries in async code\n         check: AW201" in out
    assert "since: ARQ is in maintenance only mode" in out


def test_for_programs(archwise: Run) -> None:
    claims = {claim["id"]: claim for claim in json.loads(archwise("guide", "--output-format", "json")[1])}
    assert claims["G1.1"]["carriers"]["decide"] == ["framework/api-first"]


@pytest.mark.parametrize(
    ("name", "start", "part"),
    [
        ("g7.2", "# G7.2\n\nBackgroundTasks only for quick", "background/quick"),
        ("framework", "# Framework (framework)", "`api-first`: kind = api → prefers fastapi"),
        ("workload", "# workload\n\nWhere does the time go?", "- `computing`: Computing"),
        ("arq-maintenance", "# arq-maintenance", "https://github.com/python-arq/arq/issues/510"),
        ("G5", "# G5.1", "# G5.5"),
    ],
)
def test_explained(archwise: Run, name: str, start: str, part: str) -> None:
    code, out, _ = archwise("explain", name)
    assert code == 0
    assert out.startswith(start)
    assert part in out


def test_explained_for_programs(archwise: Run) -> None:
    [fact] = json.loads(archwise("explain", "celery-coroutines", "--output-format", "json")[1])
    assert (fact["kind"], fact["package"], fact["as_of"]) == ("fact", "celery", "2026-11-01")


def test_nearest_name(archwise: Run) -> None:
    assert archwise("explain", "framewrk") == (
        2, "", "archwise: nothing is called `framewrk`: did you mean `framework`?\n"
    )  # fmt: skip
