"""Sources are searched, and skills that are like one another are shown together."""

import json

import pytest
from marketplace import FRONT, Repository, Skills

from archwise.skills.panel import capabilities
from archwise.skills.skill import Skill

TAGGED = "---\nname: {name}\ndescription: {about}\nmetadata:\n  tags: {tags}\n---\n\nDo it.\n"


@pytest.fixture
def shop(repository: Repository) -> Repository:
    skills = {
        "fastapi-services": ("Builds FastAPI services.", "python, fastapi"),
        "django-sites": ("Builds Django sites.", "python, django"),
        "watercolours": ("Paints landscapes.", "art"),
    }
    repository.commit(
        {
            **{
                f"plugins/web/skills/{name}/SKILL.md": TAGGED.format(name=name, about=about, tags=tags)
                for name, (about, tags) in skills.items()
            },
            "plugins/web/skills/broken/SKILL.md": "no front matter",
            ".claude-plugin/marketplace.json": json.dumps(
                {"plugins": [{"name": "web", "source": "./plugins/web", "category": "development"}, 7]}
            ),
        }
    )
    return repository


def test_search(skills: Skills, shop: Repository) -> None:
    assert "there is nowhere to search" in skills.refused("search", "python")
    assert skills.done("source", "add", str(shop.bare)) == (
        f"5 skills in {shop.bare}, and 1 without a description or a usable name: plugins/web/skills/broken\n"
    )
    out = skills.done("search", "python")
    assert out.index("django-sites") < out.index("fastapi-services") and "watercolours" not in out
    assert "(development · python, django)" in out
    assert f"archwise skill add {shop.bare} plugins/web/skills/django-sites" in out
    skills.done("add", *out.split("archwise skill add ")[1].split("\n")[0].split(), "--agent", "cursor", "--yes")
    assert skills("search", "python", "nonsense").code == 1
    (hit,) = json.loads(skills.done("search", "LANDSCAPES", "--output-format", "json"))
    assert hit["name"] == "watercolours" and hit["tags"] == ["art"]


def test_sources_are_listed_looked_at_again_and_removed(skills: Skills, shop: Repository) -> None:
    skills.done("source", "add", str(shop.bare))
    shop.commit({"plugins/web/skills/flask-sites/SKILL.md": FRONT.format(name="flask-sites")})
    assert skills("search", "flask").code == 1
    assert skills.done("source", "update") == f"6 skills in {shop.bare}\n"
    skills.done("search", "flask")
    assert f"{shop.bare} at " in skills.done("source", "list")
    assert "is none of the sources" in skills.refused("source", "remove", "elsewhere")
    skills.done("source", "remove", str(shop.bare))
    assert skills.done("source", "list") == ""
    (skills.home / ".config/archwise/skill-sources.json").write_text("[]")
    assert "not a catalogue of skills" in skills.refused("source", "list")


def test_a_listing_names_what_is_related(skills: Skills, shop: Repository) -> None:
    out = skills.done("show", str(shop.bare), "fastapi-services")
    assert "related: django-sites" in out and "related: watercolours" not in out
    data = json.loads(skills.done("show", str(shop.bare), "fastapi-services", "--output-format", "json"))
    assert [each["name"] for each in data["related"]] == ["django-sites"]


def test_what_a_skill_can_do() -> None:
    text = FRONT.format(name="sums") + "\n```sh\npip install numpy\n```\n"
    skills = [
        Skill.of("sums", {"SKILL.md": text.encode(), "add.py": b"import os\n\nos.remove(os.environ['SUMS'])\n"}),
        Skill.of("prose", {"SKILL.md": FRONT.format(name="prose").encode()}),
    ]
    able, unable = capabilities(skills)
    assert {alarm.rule: (alarm.path, alarm.line) for alarm in able.alarms} == {
        "commands": ("SKILL.md", 11),
        "network": ("SKILL.md", 11),
        "installs": ("SKILL.md", 11),
        "deletes": ("add.py", 3),
        "environment": ("add.py", 3),
    }
    assert {alarm.severity for alarm in able.alarms} == {"info"}
    assert unable.alarms == ()


def test_many_at_once_are_shown_shortly(skills: Skills, shop: Repository) -> None:
    out = skills.done("add", str(shop.bare), "plugins/maths", "--agent", "cursor", "--yes")
    assert "Specification and front matter" in out and "can: nothing but be read" in out
    shop.commit({"plugins/web/skills/broken/SKILL.md": None})
    out = skills.done("add", str(shop.bare), "--all", "--agent", "cursor", "--yes")
    assert "watercolours  strictly valid · 1 of 1 reported clean" in out
    assert "Specification and front matter" not in out
