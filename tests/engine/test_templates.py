"""Templates: any text gives a scope; reports follow their content; comments silence what stands on their line."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from archwise.check import check
from archwise.cli.add_ignore import add_ignores
from archwise.engine.templates.compile import compiled
from archwise.engine.templates.files import name_of, suppressions_of
from archwise.settings import load

PIECES = st.sampled_from(
    [
        *(
            "{% for a in b.c %}",
            "{% for a, b in c.items %}",
            "{% for %}",
            "{% empty %}",
            "{% endfor %}",
            "{% elif x %}",
        ),
        *(
            "{% if a.b in c %}",
            "{% else %}",
            "{% endif %}",
            "{% with a=b.c d as e %}",
            "{% endwith %}",
            "{% block x %}",
        ),
        *(
            "{% endblock %}",
            '{% include "x" with a=b %}',
            "{% include x %}",
            '{% extends "y" %}',
            "{% regroup a by b as c %}",
        ),
        *(
            "{{ a.b|default:c.d }}",
            "{{ }}",
            "{{ 'x'|f:\"y\" }}",
            "{% comment %}",
            "{% endcomment %}",
            "{%",
            "}}",
            "\n",
            "é",
        ),
        *("{% url 'x' k=a.b as c %}", "{% blocktrans count n=a.b %}", "{% endblocktrans %}", "{% cache 5 x %}"),
    ]
)
MODELS = """
from django.db import models

class Customer(models.Model):
    name = models.CharField(max_length=80)

class Order(models.Model):
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE)
"""
VIEWS = """
from django.shortcuts import render
from shop.models import Order

def orders(request):
    return render(request, "orders.html", {"orders": Order.objects.all()})
"""
LOOP = "<ul>\n{% for order in orders %}\n<li>{{ order.customer }}</li>\n{% endfor %}\n</ul>\n"


@given(st.lists(st.one_of(PIECES, st.text(max_size=5)), max_size=25))
def test_any_text_gives_a_scope(pieces: list[str]) -> None:
    text = "".join(pieces)
    template = compiled("x.html", text)
    ops = template.scope.ops
    for position, op in enumerate(ops):
        value = getattr(op, "value", 0)
        assert not isinstance(value, int) or 0 <= value < max(position, 1)
        assert 0 <= getattr(op, "block", 0) < len(template.scope.blocks)
        assert 1 <= getattr(op, "line", 1) <= text.count("\n") + 1


def project(folder: Path) -> Path:
    for name, text in {
        "__init__.py": "",
        "models.py": MODELS,
        "views.py": VIEWS,
        "templates/orders.html": LOOP,
    }.items():
        path = folder / "shop" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (folder / "pyproject.toml").touch()
    return folder


def places(folder: Path) -> list[tuple[str, int, str]]:
    report = check([folder], load(folder).override(select=("AW504", "AW002")))
    return [(finding.path, finding.line, finding.rule) for finding in report.findings]


def test_a_report_follows_the_templates_content(tmp_path: Path) -> None:
    page = project(tmp_path) / "shop/templates/orders.html"
    assert places(tmp_path) == places(tmp_path) == [("shop/templates/orders.html", 3, "AW504")]
    page.write_text("\n" + LOOP, encoding="utf-8")
    assert places(tmp_path) == [("shop/templates/orders.html", 4, "AW504")]
    page.write_text(LOOP.replace("order.customer", "order.pk"), encoding="utf-8")
    assert places(tmp_path) == []


def test_a_comment_silences_its_line_and_one_that_silences_nothing_is_reported(tmp_path: Path) -> None:
    page = project(tmp_path) / "shop/templates/orders.html"
    report = check([tmp_path], load(tmp_path).override(select=("AW504",)))
    assert add_ignores(tmp_path, report.findings).lines == 1
    assert page.read_text(encoding="utf-8") == LOOP.replace("</li>", "</li> {# archwise: ignore[AW504] #}")
    assert places(tmp_path) == []
    page.write_text(LOOP.replace("<ul>", "<ul>{# archwise: ignore[AW504] #}"), encoding="utf-8")
    assert places(tmp_path) == [("shop/templates/orders.html", 1, "AW002"), ("shop/templates/orders.html", 3, "AW504")]


def test_suppressions_are_comments_of_the_template_language() -> None:
    found = suppressions_of("a\n{# archwise: ignore[aw504, AW501] why #}\n{#archwise:ignore#}\n# archwise: ignore\n")
    assert [(each.line, each.codes) for each in found] == [(2, ("AW504", "AW501")), (3, ())]


def test_a_template_is_named_by_its_path_below_the_folder_of_templates() -> None:
    assert name_of("shop/templates/shop/a.html") == "shop/a.html"
    assert name_of("templates/a.html") == "a.html"
