"""The guide is carried: each claim by what acts on it, and each id leads somewhere."""

import datetime
from pathlib import Path

import msgspec
import pytest

from archwise.cli.main import COMMANDS
from archwise.cli.skill import COMMANDS as SKILL_COMMANDS
from archwise.guide.carriers import carriers, uncarried
from archwise.guide.find import entries, ids, page
from archwise.guide.load import GuideError, check, guide
from archwise.rules import CLAIMS, by_selector
from archwise.skills.agents import agents
from archwise.skills.scanners import SCANNERS

NOT_YET_CARRIED = Path(__file__).with_name("not_yet_carried.txt")
TODAY = datetime.date(2026, 11, 30)


def test_what_is_not_carried_only_shrinks() -> None:
    """``docs/generate.py`` drops a line once its claim is carried. Never add one: carry the claim."""
    missing = uncarried(guide(), CLAIMS, COMMANDS)
    assert set(missing) <= set(NOT_YET_CARRIED.read_text().split("\n")), "a claim lost what carried it"


SHOWN = {
    "S1": ("test_skill_commands.py", "test_from_add_to_remove"),
    "S2": ("test_skill_commands.py", "test_from_add_to_remove"),
    "S3": ("test_panel.py", "test_each_scanner_has_its_row"),
    "S4": ("test_export.py", "test_the_marker_stands_below_the_front_matter_and_the_source_at_the_end"),
    "S5": ("test_catalogue.py", "test_a_listing_names_what_is_related"),
    "S6": ("test_export.py", "test_round_trip"),
    "S7": ("test_export.py", "test_the_guide_is_a_skill_within_the_specification"),
}
"""The test that shows the commands doing what a claim about skills says."""


def test_claims_about_skills_are_carried_by_commands_that_are_shown_to_do_it() -> None:
    about_skills = {claim.id: claim for claim in guide().claims.values() if "skill" in claim.carriers}
    assert about_skills.keys() == SHOWN.keys()
    for claim, (file, test) in SHOWN.items():
        assert f"def {test}(" in (Path(__file__).parents[1] / "skills" / file).read_text()
        assert about_skills[claim].commands
        assert {each.removeprefix("skill ") for each in about_skills[claim].commands} <= set(SKILL_COMMANDS)
    assert {"claude-code", "cursor", "windsurf"} <= set(agents()), "S2"
    assert len(SCANNERS) >= 9, "S3"


def test_a_command_that_exists_carries_nothing_by_that() -> None:
    assert carriers(guide(), guide().claims["G4.1"], {}, {"new"})["new"] == ()
    assert carriers(guide(), guide().claims["S4"], {}, {"skill"})["skill"] == ("archwise skill export",)
    assert carriers(guide(), guide().claims["S4"], {}, ())["skill"] == ()


def test_every_claim_of_a_decision_is_weighed() -> None:
    lacking = [line for line in uncarried(guide(), CLAIMS, {*COMMANDS, "decide"}) if line.endswith("decide")]
    assert lacking == []


def test_rules_enforce_claims_that_exist() -> None:
    assert {claim for claims in CLAIMS.values() for claim in claims} <= set(guide().claims)


def test_what_a_decision_takes_on_exists() -> None:
    options = [option for decision in guide().decisions.values() for option in decision.option]
    assert all(by_selector(selector) for option in options for selector in option.holds)


def test_the_whole_guide_is_there() -> None:
    sections = {
        "0": 4,
        "1": 7,
        "2": 7,
        "3": 5,
        "4": 5,
        "5": 5,
        "6": 5,
        "7": 3,
        "8": 7,
        "9": 3,
        "10": 7,
        "11": 7,
        "S": 7,
    }
    counted = {name: sum(claim.section == name for claim in guide().claims.values()) for name in guide().sections}
    assert counted == sections
    assert all(claim.carriers for claim in guide().claims.values())


def test_a_claim_names_its_carriers() -> None:
    claim = guide().claims["G2.3"]
    found = carriers(guide(), claim, {"AW202": ("G2.3",)}, {"review"})
    assert found["check"] == ("AW202",)
    assert "concurrency/io-bound" in found["review"]
    assert "concurrency/io-bound" in found["decide"]
    assert "workload" in found["decide"]
    assert carriers(guide(), claim, {}, ())["review"] == ()


def test_every_fact_is_used() -> None:
    rows = [row for decision in guide().decisions.values() for row in decision.row]
    used = {name for each in (*rows, *guide().claims.values()) for name in each.facts}
    assert used == set(guide().facts)


def test_facts_name_their_source_and_grow_old() -> None:
    for fact in guide().facts.values():
        assert fact.source.startswith("https://")
        assert fact.as_of < fact.review_by
        assert "due for review" not in fact.dated(TODAY)
        late = fact.review_by + datetime.timedelta(days=1)
        assert f"due for review since {fact.review_by}" in fact.dated(late)


@pytest.mark.parametrize("name", ids(guide()))
def test_everything_can_be_explained(name: str) -> None:
    found = entries(guide(), name)
    assert found
    for entry in found:
        assert page(guide(), entry, CLAIMS, COMMANDS, TODAY).startswith("# ")


def test_an_id_that_leads_nowhere_is_refused() -> None:
    data = guide()
    framework = data.decisions["framework"]
    row = framework.row[0]
    wrong = {
        "claims": ("G99.1",),
        "facts": ("no-such-fact",),
        "must": ("rails",),
        "when": {"kind": ("spaceship",)},
        "prefers": ("django",),
    }
    for field, value in wrong.items():
        changed = msgspec.structs.replace(framework, row=(msgspec.structs.replace(row, **{field: value}),))
        with pytest.raises(GuideError, match="row framework/nothing-served"):
            check(msgspec.structs.replace(data, decisions={"framework": changed}))


def test_a_table_reads_only_what_was_decided_before() -> None:
    data = guide()
    backwards = dict(reversed(data.decisions.items()))
    with pytest.raises(GuideError, match="there is no `"):
        check(msgspec.structs.replace(data, decisions=backwards))
