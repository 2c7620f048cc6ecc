"""What a review measures, and the verdicts that follow."""

import json
from collections.abc import Callable
from importlib import resources

import jsonschema
import msgspec
import pytest
from small_programs import API, LIBRARY, SITE, Reviewed

from archwise.review import text
from archwise.review.model import Review, Verdict
from archwise.review.terminal import render


def verdict(review: Review, decision: str) -> Verdict:
    return next(each for each in review.verdicts if each.decision == decision)


def test_an_async_api(reviewed: Callable[..., Reviewed]) -> None:
    review, _ = reviewed(API)
    assert review.factors["kind"].value == "simple"
    assert verdict(review, "framework").stand == "fits"
    assert verdict(review, "concurrency").evidence.why == "2 of 2 endpoints are async"  # type: ignore[union-attr]
    assert verdict(review, "database-driver").taken == "asyncpg"
    assert verdict(review, "http-client").taken == "httpx"
    assert review.sentence.startswith("A small service on FastAPI")


def test_every_count_has_its_places(reviewed: Callable[..., Reviewed]) -> None:
    review, _ = reviewed(API)
    figures = {figure.id: figure for figure in review.figures}
    endpoints = figures["endpoints-fastapi"]
    assert endpoints.value == "2 of 2 (100 %)"
    assert [(place.path, place.what) for place in endpoints.places] == [
        ("shop/routes/orders.py", "GET /orders"),
        ("shop/routes/orders.py", "POST /orders"),
    ]
    whole = {"modules", "lines", "typed"}  # typed: its places are those that are not
    assert all(figure.places or figure.value.startswith("0") or figure.id in whole for figure in review.figures)


def test_a_synchronous_client_in_async_code_contradicts(reviewed: Callable[..., Reviewed]) -> None:
    files = {name: text.replace("httpx", "requests") for name, text in API.items()}
    review, _ = reviewed(files)
    found = verdict(review, "http-client")
    assert (found.stand, found.taken) == ("contradicts", "Requests")
    assert any(reason.against and reason.claims for reason in found.reasons)
    assert found.cost is not None and (found.cost.files, found.cost.calls) == (1, 1)


def test_a_library_is_not_lectured_about_frameworks(reviewed: Callable[..., Reviewed]) -> None:
    review, _ = reviewed(LIBRARY)
    assert review.factors["kind"].value == "library"
    decisions = {each.decision for each in review.verdicts}
    assert decisions.isdisjoint({"framework", "background", "grouping", "errors", "validation", "django-style"})
    assert verdict(review, "layout").stand == "fits"


def test_a_site_with_an_admin(reviewed: Callable[..., Reviewed]) -> None:
    review, _ = reviewed(SITE)
    assert {name: review.factors[name].value for name in ("kind", "admin", "existing")} == {
        "kind": "full-stack",
        "admin": "yes",
        "existing": "django",
    }
    assert verdict(review, "data-layer").taken == "Django's ORM"
    assert verdict(review, "django-style").taken == "Function views"


def test_a_framework_that_is_not_weighed_is_left_alone(reviewed: Callable[..., Reviewed]) -> None:
    review, _ = reviewed(
        {
            "app.py": """
            from aiohttp import web
            async def index(request): return web.Response()
            app = web.Application()
            app.router.add_get("/", index)
            """
        }
    )
    found = verdict(review, "framework")
    assert (found.stand, found.taken, found.advised) == ("undecided", "aiohttp", "")
    assert "tests" not in {each.decision for each in review.verdicts}


def test_an_answer_goes_before_what_is_measured(reviewed: Callable[..., Reviewed]) -> None:
    review, _ = reviewed(API, team_async="no", connections="few", workload="computing")
    assert verdict(review, "concurrency").stand == "contradicts"
    assert verdict(review, "concurrency").cost is not None


@pytest.mark.parametrize("files", [API, LIBRARY, SITE], ids=["api", "library", "site"])
def test_the_same_program_gives_the_same_page(reviewed: Callable[..., Reviewed], files: dict[str, str]) -> None:
    first = text.markdown(*reviewed(files))
    assert first == text.markdown(*reviewed(dict(reversed(files.items()))))
    assert "| decision | taken | advised | verdict |" in first


def test_the_json_is_of_the_published_form(reviewed: Callable[..., Reviewed]) -> None:
    schema = json.loads(resources.files("archwise.schema").joinpath("review-1.json").read_text(encoding="utf-8"))
    for files in (API, LIBRARY, SITE):
        jsonschema.validate(json.loads(msgspec.json.encode(reviewed(files)[0])), schema)


def test_the_checklist_has_its_seven_lines(reviewed: Callable[..., Reviewed]) -> None:
    review, report = reviewed(API)
    assert [line.claim for line in review.checklist] == [f"G10.{number}" for number in range(1, 8)]
    assert "Checklist" in render(review, report)
