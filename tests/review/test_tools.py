"""Tools and libraries that serve something, too: what their projects say, and what their commands do."""

from collections.abc import Callable

import pytest
from small_programs import Reviewed

ROUTES = "\n".join(f"@app.get('/{n}')\ndef show{n}(): return '{n}'" for n in range(9))
SERVER = f"from flask import Flask\napp = Flask(__name__)\n{ROUTES}"
PARTS = {f"tidy/part{number}.py": "" for number in range(30)}
PROJECT = "[project]\nname = 'tidy'\ndependencies = ['flask']\nclassifiers = [{}]\n"
COMMAND = "[project.scripts]\ntidy = 'tidy.cli:main'\n"


def facts(reviewed: Reviewed) -> tuple[str, bool]:
    review = reviewed[0]
    return review.factors["kind"].value, any(verdict.decision == "framework" for verdict in review.verdicts)


def test_a_tool_that_says_that_it_runs_in_a_console(reviewed: Callable[..., Reviewed]) -> None:
    main = "from tidy import web\ndef main() -> None: web.app.run()"
    files = {"tidy/__init__.py": "", "tidy/web.py": SERVER, "tidy/cli.py": main} | PARTS
    console = PROJECT.format("'Environment :: Console'") + COMMAND
    assert facts(reviewed(files | {"pyproject.toml": PROJECT.format("") + COMMAND})) == ("api", True)
    assert facts(reviewed(files | {"pyproject.toml": console})) == ("tool", False)


def test_a_service_that_says_so_too_and_serves_with_much_of_it(reviewed: Callable[..., Reviewed]) -> None:
    pages = {f"tidy/page{n}.py": f"from tidy.web import app\n{ROUTES.replace('/', f'/{n}/')}" for n in range(5)}
    main = "from tidy import web\ndef main() -> None: web.app.run()"
    files = {"tidy/__init__.py": "", "tidy/web.py": SERVER, "tidy/cli.py": main} | PARTS | pages
    assert facts(reviewed(files | {"pyproject.toml": PROJECT.format("'Environment :: Console'") + COMMAND}))[1]


@pytest.mark.parametrize(("said", "kind"), [("", "api"), ("'Topic :: Software Development :: Libraries'", "library")])
def test_what_says_that_it_is_a_library_and_installs_no_command(
    reviewed: Callable[..., Reviewed], said: str, kind: str
) -> None:
    files = {"tidy/__init__.py": "", "tidy/web.py": SERVER, "pyproject.toml": PROJECT.format(said)} | PARTS
    assert facts(reviewed(files)) == (kind, kind == "api")
    assert facts(reviewed(files | {"tidy/wsgi.py": "from tidy.web import app"})) == ("api", True)  # it is hosted


def test_a_library_with_a_few_names_that_can_be_run(reviewed: Callable[..., Reviewed]) -> None:
    said = PROJECT.format("'Topic :: Software Development :: Libraries :: Python Modules'")
    files = {"tidy/__init__.py": "def tidy(): ...", "tidy/__main__.py": "from tidy import tidy\ntidy()"}
    assert facts(reviewed(files | {"pyproject.toml": PROJECT.format("")})) == ("tool", False)
    assert facts(reviewed(files | {"pyproject.toml": said})) == ("library", False)


def test_to_serve_is_one_of_several_commands(reviewed: Callable[..., Reviewed]) -> None:
    factory = (
        "from flask import Flask\ndef make():\n    app = Flask(__name__)\n    @app.get('/')\n    def show(): ...\n"
    )
    commands = "\n".join(f"@cli.command()\ndef {name}(): ..." for name in ("run", "watch"))
    main = f"import typer\nfrom tidy.web import make\ncli = typer.Typer()\n{commands}"
    files = {"tidy/__init__.py": "", "tidy/web.py": f"{factory}    return app", "tidy/cli.py": main} | {
        f"tidy/part{number}.py": "" for number in range(9)
    }
    project = {"pyproject.toml": PROJECT.format("") + COMMAND}
    assert facts(reviewed(files | project)) == ("tool", False)
    one = main.replace("@cli.command()\ndef watch", "def watch")
    assert facts(reviewed(files | project | {"tidy/cli.py": one}))[1]


def test_what_serves_is_imported_when_its_command_is_told(reviewed: Callable[..., Reviewed]) -> None:
    told = "def main(serve: bool = False) -> None:\n    if serve:\n        from tidy.web import app\n        app.run()"
    files = {"tidy/__init__.py": "", "tidy/web.py": SERVER, "tidy/cli.py": told} | PARTS
    project = {"pyproject.toml": PROJECT.format("") + COMMAND}
    assert facts(reviewed(files | project)) == ("tool", False)
    at_once = "from tidy.web import app\ndef main() -> None: app.run()"
    assert facts(reviewed(files | project | {"tidy/cli.py": at_once})) == ("api", True)


def test_an_application_that_a_function_makes_as_a_module_is_imported(reviewed: Callable[..., Reviewed]) -> None:
    factory = "from fastapi import FastAPI\ndef make():\n    app = FastAPI()\n    @app.get('/')\n    def show(): ...\n"
    files = {"tidy/__init__.py": "", "tidy/web.py": f"{factory}    return app"} | PARTS
    assert facts(reviewed(files)) == ("library", False)
    assert facts(reviewed(files | {"tidy/server.py": "from tidy.web import make\napp = make()"}))[1]


def test_a_script_beside_its_packages_starts_what_serves(reviewed: Callable[..., Reviewed]) -> None:
    names = "".join(f"from tidy.part{n} import Part{n}\n" for n in range(12))
    parts = {f"tidy/part{n}.py": f"class Part{n}: ..." for n in range(30)}
    factory = (
        "from flask import Flask\ndef make():\n    app = Flask(__name__)\n    @app.get('/')\n    def show(): ...\n"
    )
    files = {"tidy/__init__.py": names, "tidy/web.py": f"{factory}    return app"} | parts
    script = "from tidy.web import make\nif __name__ == '__main__':\n    make().run()"
    assert facts(reviewed(files)) == ("library", False)
    assert facts(reviewed(files | {"Tidy.py": script}))[1]


def test_commands_of_a_distribution_below_a_name_that_others_share(reviewed: Callable[..., Reviewed]) -> None:
    """Only the packages that give names out bring anything to those who import them."""
    parts = {f"src/tidy/core/part{n}.py": "" for n in range(30)}
    files = {
        "pyproject.toml": PROJECT.format("") + "[project.scripts]\ntidy = 'tidy.console.main:main'\n",
        "src/tidy/config/__init__.py": "__all__ = ['read', 'write', 'merge']",
        "src/tidy/core/__init__.py": "".join(f"import tidy.core.part{n}\n" for n in range(30)),
        "src/tidy/console/__init__.py": "",
        "src/tidy/console/main.py": "import tidy.core\ndef main() -> None: ...",
    }
    assert facts(reviewed(files | parts)) == ("tool", False)


def test_a_command_that_only_an_extra_makes_work(reviewed: Callable[..., Reviewed]) -> None:
    project = (
        "[project]\nname = 'tidy'\ndependencies = []\n[project.optional-dependencies]\ncli = ['click', 'tidy']\n"
        + COMMAND
    )
    files = {
        "tidy/__init__.py": "",
        "tidy/api.py": "",
        "tidy/cli.py": "import click, tidy.api\ndef main(): click.echo()",
    }
    assert facts(reviewed(files | {"pyproject.toml": project.replace("click", "rich")})) == ("tool", False)
    assert facts(reviewed(files | {"pyproject.toml": project})) == ("library", False)


def test_a_repository_that_nobody_can_install_is_no_library(reviewed: Callable[..., Reviewed]) -> None:
    files = {"modules/__init__.py": "", "modules/find.py": "def find(): ...", "search.py": "from modules import find"}
    assert facts(reviewed(files | {"requirements.txt": "requests\n"})) == ("tool", False)
    assert facts(reviewed(files | {"setup.py": "from setuptools import setup\nsetup(name='search')"}))[0] == "library"


def test_an_adapter_of_several_modules_that_a_library_offers(reviewed: Callable[..., Reviewed]) -> None:
    parts = {f"tidy/part{n}.py": "" for n in range(9)}
    files = {
        "tidy/__init__.py": "".join(f"from tidy.part{n} import Part{n}\n" for n in range(9)),
        "tidy/contrib/sql/__init__.py": "from tidy.contrib.sql.tables import Table",
        "tidy/contrib/sql/tables.py": "import sqlalchemy\nclass Table: ...",
        "tidy/contrib/queue/__init__.py": "",
        "tidy/contrib/queue/jobs.py": "import celery",
    } | parts
    review, _ = reviewed(files)
    taken = {each.decision: each.taken for each in review.verdicts}
    assert (taken.get("data-layer"), review.factors["queue"].value) == (None, "nothing")
    used = files | {"tidy/part1.py": "import tidy.contrib.sql.tables\nfrom tidy.contrib.queue.jobs import work"}
    review, _ = reviewed(used)
    assert {each.decision: each.taken for each in review.verdicts}["data-layer"] == "SQLAlchemy 2"
    assert review.factors["queue"].value == "celery"


def test_hidden_folders_hold_nothing_of_the_application(reviewed: Callable[..., Reviewed]) -> None:
    files = {"tidy/__init__.py": "", ".devcontainer/load.py": "import sqlalchemy", "tidy/a.py": "", "tidy/b.py": ""}
    assert reviewed(files)[0].factors["size"].why.startswith("3 modules")


def test_endpoints_in_a_corner_are_no_choice_of_a_framework(reviewed: Callable[..., Reviewed]) -> None:
    """Neither are they what it is async by."""
    main = "from tidy import web\nasync def main() -> None: ...\nasync def find(): ..."
    small = "from flask import Flask\napp = Flask(__name__)\n@app.get('/')\ndef alive(): return 'ok'"
    files = {"tidy/__init__.py": "", "tidy/web.py": small, "tidy/cli.py": main}
    files |= {f"tidy/rule{number}.py": "" for number in range(120)}
    review, _ = reviewed(files | {"pyproject.toml": PROJECT.format("") + COMMAND})
    assert (review.factors["kind"].value, review.factors["existing"].value) == ("tool", "nothing")
    assert " on Flask" not in review.sentence
    assert next(each.taken for each in review.verdicts if each.decision == "concurrency") == "Async"


def test_processes_of_a_script_beside_the_program(reviewed: Callable[..., Reviewed]) -> None:
    pool = "from multiprocessing import Pool\ndef load() -> None:\n    with Pool() as pool: pool.map(print, [])\n"
    run = "if __name__ == '__main__':\n    from multiprocessing import Pool\n    Pool().map(print, [])\n"
    files = {"tidy/__init__.py": "", "tidy/web.py": SERVER} | PARTS
    for script in ({"tools/convert.py": pool}, {"tidy/part1.py": run, "tidy/part2.py": "import tidy.part1"}):
        review, _ = reviewed(files | script)
        assert next(each.taken for each in review.verdicts if each.decision == "concurrency") == "Sync, in threads"


def test_a_project_that_shows_a_library_is_not_what_hosts_it(reviewed: Callable[..., Reviewed]) -> None:
    views = "".join(f"def show{n}(request): return render(request, '{n}.html')\n" for n in range(12))
    listed = ", ".join(f"path('{n}', views.show{n})" for n in range(12))
    files = {
        "pyproject.toml": "[project]\nname = 'panels'\ndependencies = ['django']\n",
        "panels/__init__.py": "",
        "panels/urls.py": f"from django.urls import path\nfrom panels import views\nurlpatterns = [{listed}]",
        "panels/views.py": f"from django.shortcuts import render\n{views}",
        "panels/forms.py": "",
        "project/site/__init__.py": "",
        "project/site/settings.py": "ROOT_URLCONF = 'panels.urls'",
        "project/site/wsgi.py": "from django.core.wsgi import get_wsgi_application\napp = get_wsgi_application()",
    }
    assert facts(reviewed(files))[0] == "library"


def test_handlers_of_a_small_library_for_the_application_of_others(reviewed: Callable[..., Reviewed]) -> None:
    login = "from tornado import web\nclass Login(web.RequestHandler):\n    def get(self): self.write('')"
    files = {"auth/__init__.py": "", "auth/login.py": login, "pyproject.toml": PROJECT.format("")}
    assert facts(reviewed(files)) == ("library", False)
    made = "from tornado import web\nfrom auth.login import Login\ndef make(): return web.Application([('/', Login)])"
    assert facts(reviewed(files | {"auth/app.py": made})) == ("simple", True)


def test_names_that_a_module_defines_and_a_package_has_by_star(reviewed: Callable[..., Reviewed]) -> None:
    names = "\n".join(f"class Part{n}: ..." for n in range(12))
    files = {"tidy/__init__.py": "from .parts import *", "tidy/parts.py": names, "tidy/__main__.py": "print('1.0')"}
    assert facts(reviewed(files))[0] == "library"


def test_pages_that_a_decorator_of_aiohttp_renders(reviewed: Callable[..., Reviewed]) -> None:
    views = "\n".join(
        f"@aiohttp_jinja2.template('{n}.html')\nasync def show{n}(_): return {{}}\napp.router.add_get('/{n}', show{n})"
        for n in range(6)
    )
    made = f"import aiohttp_jinja2\nfrom aiohttp import web\napp = web.Application()\n{views}"
    assert facts(reviewed({"site_/__init__.py": "", "site_/web.py": made}))[0] == "full-stack"


def test_bases_behind_six(reviewed: Callable[..., Reviewed]) -> None:
    base = "import six\nfrom flask_restful import Resource\nclass Base(six.with_metaclass(type, Resource)): ...\n"
    views = "\n".join(f"class View{n}(Base):\n    def get(self): return {{}}" for n in range(9))
    made = f"from flask import Flask\nfrom flask_restful import Api\napp = Flask('')\napi = Api(app)\n{base}{views}"
    review, _ = reviewed({"shop/__init__.py": "", "shop/web.py": made})
    assert {figure.id: figure.value for figure in review.figures}["endpoints-flask"] == "9 of 9 (100 %)"


def test_a_project_of_examples_is_not_what_a_library_serves(reviewed: Callable[..., Reviewed]) -> None:
    view = "from django.views import View\nclass Posts(View):\n    def get(self, request): return None"
    files = {
        "panels/__init__.py": "",
        "example_project/__init__.py": "",
        "example_project/views.py": view,
        "example_project/settings.py": "ROOT_URLCONF = 'example_project.urls'",
        **{f"panels/part{number}.py": "" for number in range(9)},
    }
    assert facts(reviewed(files)) == ("library", False)
