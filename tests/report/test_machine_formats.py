"""Formats for programs: literal where short, against their schema where there is one."""

import json
from xml.etree import ElementTree

import jsonschema
from msgspec.structs import replace

from archwise.findings import Edit, Fix, Report, Typed, Unread
from archwise.report import View, render, statistics
from archwise.schema import schema_text

CONCISE = """\
app/files.py:2:12: AW201 [warning] `open` waits for a file on the event loop
app/orders.py:6:12: AW201 [error] `price` waits for the network in `requests.get`, on the event loop
app/orders.py:11:13: AW201 [error] `price` waits for the network in `requests.get`, on the event loop
Found 2 causes at 3 places (2 errors, 1 warning) in 5 files, 0.0 s.
1 file could not be read (AW001).
2 findings of lower severity not shown (--severity info).
"""

GITHUB = (
    "::warning title=archwise AW201 (blocking-call-on-event-loop),file=app/files.py,line=2,endLine=2,col=12"
    "::app/files.py:2:12: AW201 `open` waits for a file on the event loop\n"
)

STATISTICS = """\
 places   causes  rule
      3        2  AW201  blocking-call-on-event-loop
Found 2 causes at 3 places (2 errors, 1 warning) in 5 files, 0.0 s.
1 file could not be read (AW001).
2 findings of lower severity not shown (--severity info).
"""


def test_concise(report: Report, view: View) -> None:
    assert render(report, "concise", view) == CONCISE


def test_json_keeps_its_contract(report: Report, view: View) -> None:
    document = json.loads(render(report, "json", view))
    jsonschema.Draft202012Validator(json.loads(schema_text())).validate(document)
    assert document["summary"] == {
        "files": 5,
        "lines": 26,
        "findings": 3,
        "causes": 2,
        "hidden": 2,
        "severities": {"error": 2, "warning": 1, "info": 0},
    }
    assert document["unread"] == [{"path": "app/broken.py", "reason": "invalid syntax", "line": 3}]
    first, second = document["findings"][1:]
    assert first["cause"] == second["cause"]
    assert first["trace"][0] == {
        "path": "app/orders.py",
        "line": 6,
        "column": 12,
        "symbol": "app.orders.read_order",
        "note": "calls price",
    }
    assert [first["trace"][0][key] for key in ("path", "line", "column")] == [
        first[key] for key in ("path", "line", "column")
    ]


def test_the_json_schema_is_itself_valid_and_closed() -> None:
    schema = json.loads(schema_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    assert not jsonschema.Draft202012Validator(schema).is_valid({"version": 1, "findings": [], "unread": []})


def test_github_escapes_what_would_end_a_command(report: Report, view: View) -> None:
    assert render(replace(report, findings=report.findings[:1]), "github", view) == GITHUB
    odd = replace(report.findings[0], path="a,b:c%.py", message="50%\r\nof it", help="mend")
    text = render(replace(report, findings=(odd,)), "github", view)
    assert "file=a%2Cb%3Ac%25.py," in text
    assert text.endswith("::a,b:c%25.py:2:12: AW201 50%25%0D%0Aof it%0Ahelp: mend\n")
    assert text.count("\n") == 1


def test_gitlab_tells_like_findings_apart(report: Report, view: View) -> None:
    twins = (report.findings[0], report.findings[0])
    issues = json.loads(render(replace(report, findings=twins), "gitlab", view))
    assert len({issue["fingerprint"] for issue in issues}) == 2
    assert {**issues[0], "fingerprint": ""} == {
        "description": "AW201: `open` waits for a file on the event loop",
        "check_name": "blocking-call-on-event-loop",
        "fingerprint": "",
        "severity": "minor",
        "location": {"path": "app/files.py", "lines": {"begin": 2, "end": 2}},
    }


def test_junit_is_xml_whatever_the_message_holds(report: Report, view: View) -> None:
    odd = replace(report.findings[0], message='<a & "b">\x00', severity="info")
    tree = ElementTree.fromstring(render(replace(report, findings=(odd, *report.findings[1:])), "junit", view).encode())
    assert tree.attrib == {"name": "archwise", "tests": "3", "failures": "2"}
    assert [suite.attrib["name"] for suite in tree] == ["app/files.py", "app/orders.py"]
    failure = tree[1][0][0]
    assert failure.tag == "failure"
    assert (failure.text or "").splitlines()[2] == "app/rates.py:5:9 app.rates.load_rates: waits for the network"
    assert tree[0][0][0].tag == "system-out"


def test_junit_of_a_clean_run_is_a_test_that_passes(report: Report, view: View) -> None:
    tree = ElementTree.fromstring(render(replace(report, findings=()), "junit", view))
    assert tree.attrib == {"name": "archwise", "tests": "1", "failures": "0"}


def test_statistics(report: Report, view: View) -> None:
    assert statistics.render(report, view) == STATISTICS
    assert json.loads(statistics.render(report, view, as_json=True)) == {
        "rules": [{"places": 3, "causes": 2, "rule": "AW201", "name": "blocking-call-on-event-loop"}],
        "public": None,
    }


def test_statistics_tell_how_much_of_what_is_public_is_typed(report: Report, view: View) -> None:
    report = replace(report, typed=Typed(functions=1200, typed=1140))
    assert statistics.render(report, view).splitlines()[2] == (
        "Typed throughout: 1,140 of 1,200 public functions (95 %)."
    )
    assert json.loads(statistics.render(report, view, as_json=True))["public"] == {"functions": 1200, "typed": 1140}


def test_names_that_are_not_unicode_survive(report: Report, view: View) -> None:
    odd = replace(report.findings[0], path="app/\udcff.py")
    strange = replace(report, findings=(odd,), unread=(Unread("\udcfe.py", "not UTF-8"),))
    assert json.loads(render(strange, "json", view))["findings"][0]["path"] == "app/\udcff.py"
    for name in ("json", "sarif", "gitlab"):
        assert render(strange, name, view).isascii()
    assert "app/%FF.py" in render(strange, "sarif", view)
    ElementTree.fromstring(render(strange, "junit", view))


def test_a_fix_is_told_with_its_edits(report: Report, view: View) -> None:
    fix = Fix("await it", safe=False, content="00", edits=(Edit(6, 12, 6, 12, "await "),))
    fixable = replace(report, findings=(replace(report.findings[0], fix=fix), *report.findings[1:]))
    document = json.loads(render(fixable, "json", view))
    jsonschema.validate(document, json.loads(schema_text()))
    assert document["findings"][0]["fix"]["edits"] == [
        {"line": 6, "column": 12, "end_line": 6, "end_column": 12, "text": "await "}
    ]
    assert document["findings"][1]["fix"] is None
