"""``archwise decide`` with a brief."""

import json
import tomllib
from pathlib import Path

import jsonschema
import pytest
from stand_in import Run

from archwise.schema import schema_text

BRIEF = """\
# what we know so far
project = "storefront"

kind = "api"
admin = false
existing = "nothing"
team-async = true
workload = "waiting"
connections = "many"
sync-only = "no"
"""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("brief.toml").write_text(BRIEF)
    return tmp_path


def test_for_people(archwise: Run) -> None:
    code, out, err = archwise("decide", "--brief", "brief.toml")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0].split() == ["Framework", "FastAPI", "clear"]
    assert "Framework: FastAPI (clear)" in lines
    assert "  why       API-first and microservices are what it was made for (G1.1; kind = api)" in lines
    assert "  flips     existing = flask → Quart" in lines
    assert any(line.startswith("Background work") and "open" in line and "depends on jobs" in line for line in lines)
    assert any(line.startswith("Next question: ") for line in lines)


def test_the_same_every_time(archwise: Run) -> None:
    assert archwise("decide", "--brief", "brief.toml") == archwise("decide", "--brief", "brief.toml")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("brief.json", '{"project": "storefront", "kind": "api", "admin": false, "existing": "nothing"}'),
        ("brief.yaml", "project: storefront\nkind: api\nadmin: no\nexisting: nothing\n"),
        ("brief.toml", '\ufeffkind = "api"\nadmin = "no"\nexisting = "nothing"\n'),
    ],
)
def test_every_form_of_brief(archwise: Run, name: str, text: str) -> None:
    Path(name).write_text(text, encoding="utf-8")
    found = json.loads(archwise("decide", "--brief", name, "--output-format", "json")[1])
    assert found["answers"]["admin"]["value"] == "no"
    assert found["decisions"][0]["choice"] == "fastapi"


def test_for_programs(archwise: Run) -> None:
    found = json.loads(archwise("decide", "--brief", "brief.toml", "--output-format", "json")[1])
    assert found["answers"]["kind"] == {"value": "api", "source": "brief.toml:4"}
    framework, concurrency, background, *_ = found["decisions"]
    assert (framework["choice"], framework["margin"], framework["runner_up"]) == ("fastapi", "clear", "flask")
    assert [reason["row"] for reason in framework["reasons"]] == [
        "api-first", "team-at-home-in-async", "many-connections"
    ]  # fmt: skip
    assert {"changes": {"kind": "full-stack"}, "to": "django"} in framework["flips"]
    assert concurrency["reasons"][2]["because_of"] == {"framework": "fastapi", "workload": "waiting"}
    assert background["choice"] is None
    assert background["missing"] == ["jobs", "size", "database", "broker", "queue"]
    assert found["question"]["values"]


@pytest.mark.parametrize("more", [[], ["--set", "jobs=none"], ["--what-if", "sync-only=yes"]])
def test_the_contract_of_the_output(archwise: Run, more: list[str]) -> None:
    found = json.loads(archwise("decide", "--brief", "brief.toml", "--output-format", "json", *more)[1])
    jsonschema.validate(found, json.loads(schema_text("decisions-1")))


def test_the_contract_of_a_brief() -> None:
    schema = json.loads(schema_text("brief-1"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(tomllib.loads(BRIEF), schema)
    for wrong in ({"kind": "apii"}, {"knd": "api"}, {"admin": 3}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, schema)


def test_as_markdown(archwise: Run) -> None:
    out = archwise("decide", "--brief", "brief.toml", "--output-format", "markdown")[1]
    assert "| Framework | FastAPI | clear |\n" in out
    assert "- `archwise check` holds it by AW201 (blocking-call-on-event-loop).\n" in out


def test_one_answer_wins_over_the_brief(archwise: Run) -> None:
    out = archwise("decide", "--brief", "brief.toml", "--set", "kind=library", "--set", "connections=few")[1]
    assert out.split("\n", 1)[0].startswith("Framework            No web framework")


def test_what_if(archwise: Run) -> None:
    code, out, _ = archwise("decide", "--brief", "brief.toml", "--what-if", "sync-only=yes")
    assert code == 0
    assert out.splitlines()[0].split(maxsplit=3)[:3] == ["Async", "or", "sync"]
    assert "Async → Sync, in threads" in out
    found = json.loads(
        archwise("decide", "--brief", "brief.toml", "--what-if", "sync-only=yes", "--output-format", "json")[1]
    )
    assert {"id": "concurrency", "from": "async", "to": "sync"} in found["changed"]


def test_the_matrix(archwise: Run) -> None:
    out = archwise("decide", "--brief", "brief.toml", "--matrix")[1]
    assert out.startswith("| Framework | Flask | FastAPI | Quart | Django |\n")
    assert "| learning curve | low | low | low for who knows Flask | medium |\n" in out
    assert "| now (clear) |" in out
    assert "Django by default is too much for an API that needs no admin (G11.1)" in out


def test_a_report_in_a_file(archwise: Run) -> None:
    assert archwise("decide", "--brief", "brief.toml", "--output-file", "decisions.txt") == (0, "", "")
    assert Path("decisions.txt").read_text().startswith("Framework ")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('knd = "api"', "brief.toml:1: unknown factor `knd`: did you mean `kind`?"),
        ('\n\nkind = "apii"', "brief.toml:3: `kind` has no value `apii`: did you mean `api`?"),
        ("team_async = true", "brief.toml:1: unknown factor `team_async`: did you mean `team-async`?"),
        ("admin = 3", "brief.toml:1: `admin` takes one of yes, no, not a number"),
        ("kind = ['api']", "brief.toml:1: `kind` takes one of api, full-stack, model-serving, simple, worker, tool, "
         "library, not a list"),
        ("project = 3", "brief.toml:1: `project` takes a name"),
        ("kind = ", "brief.toml: not valid TOML: Invalid value (at end of document)"),
        ('# admin = "yes"\nkind = "worker"\nadmin = true',
         "kind = worker (brief.toml:2) and admin = yes (brief.toml:3) cannot hold together: an admin site is a web "
         "application"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_brief(archwise: Run, text: str, said: str) -> None:
    Path("brief.toml").write_text(text)
    code, out, err = archwise("decide", "--brief", "brief.toml")
    assert (code, out) == (2, "")
    assert err == f"archwise: {said}\n"


def test_everything_wrong_is_said_at_once(archwise: Run) -> None:
    Path("brief.toml").write_text('knd = "api"\nadmin = 3\n')
    err = archwise("decide", "--brief", "brief.toml", "--output-file", "out.txt")[2]
    assert [line.split(":")[2] for line in err.splitlines()] == ["1", "2"]
    assert not Path("out.txt").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--brief", "none.toml"], "none.toml: No such file or directory"),
        (["--brief", "brief.md"], "brief.md: a brief is a .toml, .yaml, .yml or .json file"),
        (["--brief", "broken.yaml"], "broken.yaml:2: not valid YAML: mapping values are not allowed here"),
        (["--brief", "broken.json"], "broken.json:1: not valid JSON: Expecting value"),
        (["--brief", "twice.json"], "twice.json:2: `kind` is given twice; give it once"),
        (["--brief", "twice.yaml"], "twice.yaml:2: `kind` is given twice; give it once"),
        (["--brief", "list.json"], "list.json: a brief is a table of factors and values"),
        (["--set", "kind"], "--set kind: write factor=value, such as --set kind=api"),
        (["--set", "kind=ap"], "--set kind=ap: `kind` has no value `ap`: did you mean `api`?"),
        (["--set", "kind=api", "--set", "kind=tool"], "--set kind=tool: `kind` is given already, as api; give it once"),
        (["--brief", "brief.toml", "--what-if", "x=1"], "--what-if x=1: unknown factor `x`; there are kind, admin,"),
    ],
)
def test_what_cannot_be_used(archwise: Run, arguments: list[str], said: str) -> None:
    Path("brief.md").write_text("kind: api")
    Path("broken.yaml").write_text("kind: api\n  admin: no: yes\n")
    Path("broken.json").write_text('{"kind": }')
    Path("list.json").write_text('["kind"]')
    Path("twice.json").write_text('{\n"kind": "api",\n"kind": "tool"}')
    Path("twice.yaml").write_text("admin: no\nkind: api\nkind: tool\n")
    code, out, err = archwise("decide", *arguments)
    assert (code, out) == (2, "")
    assert err.startswith(f"archwise: {said}")
    assert "\n" not in err.rstrip("\n")


def test_the_brief_of_the_documentation(archwise: Run) -> None:
    page = (Path(__file__).parents[2] / "docs" / "decide.md").read_text(encoding="utf-8")
    brief = page.partition("```toml\n")[2].partition("```")[0]
    Path("brief.toml").write_text(brief)
    out = archwise("decide", "--brief", "brief.toml")[1]
    assert [line.split()[-1] for line in out.splitlines()[:2]] == ["clear", "clear"]
