"""What is taken from code, where names alone would mislead; each was judged wrong on a real program once."""

from collections.abc import Callable

import pytest
from small_programs import API, SITE, Reviewed

from archwise.review.model import Review, Verdict


def verdict(review: Review, decision: str) -> Verdict | None:
    return next((each for each in review.verdicts if each.decision == decision), None)


def taken(review: Review, decision: str) -> str:
    found = verdict(review, decision)
    assert found is not None
    return found.taken


def api(**modules: str) -> dict[str, str]:
    return API | {f"shop/{name}.py": text for name, text in modules.items()}


def test_exceptions_of_redis_do_not_say_which_client_is_used(reviewed: Callable[..., Reviewed]) -> None:
    files = api(
        cache="import redis.asyncio as redis", a="from redis import RedisError", b="from redis.retry import Retry"
    )
    review, _ = reviewed(files)
    assert taken(review, "redis-client") == "redis.asyncio, in redis-py"


def test_a_driver_without_an_orm_is_sql(reviewed: Callable[..., Reviewed]) -> None:
    assert taken(reviewed(api(store="import asyncpg"))[0], "data-layer") == "SQL, through the driver"


def test_an_orm_loads_its_own_driver(reviewed: Callable[..., Reviewed]) -> None:
    """``sqlite3`` beside an ORM is for something else: a backup, an import."""
    files = {name: text.replace("asyncpg", "sqlalchemy") for name, text in API.items()}
    review, _ = reviewed(files | {"shop/backup.py": "import sqlite3"})
    assert taken(review, "data-layer") == "SQLAlchemy 2"
    assert taken(review, "database-driver") == ""


def test_a_queue_that_the_guide_does_not_weigh(reviewed: Callable[..., Reviewed]) -> None:
    review, _ = reviewed(api(jobs="from saq import Queue"))
    found = verdict(review, "background")
    assert found is not None and (found.taken, found.stand) == ("SAQ", "undecided")


def test_threads_started_by_hand_are_work_beside_the_requests(reviewed: Callable[..., Reviewed]) -> None:
    """Whether what they do may be lost, code does not say: that stays a question."""
    started = "import threading\ndef start(watch): threading.Thread(target=watch, daemon=True).start()"
    review, _ = reviewed(api(watcher=started, mails=started))
    found = verdict(review, "background")
    assert found is not None and found.taken == "In the same process, in threads of its own"
    assert "What work goes on in the background?" in found.open
    assert found.evidence is not None and found.evidence.why.startswith("2 threads started by hand in 2 modules")


def test_threads_that_are_waited_for_are_part_of_the_request(reviewed: Callable[..., Reviewed]) -> None:
    waited = """
        import threading
        def resize(work):
            thread = threading.Thread(target=work)
            thread.start()
            print(", ".join(["big", "small"]))
            thread.join(timeout=30)
        """
    review, _ = reviewed(api(images=waited, covers=waited))
    assert review.factors["jobs"].value == "none"
    assert verdict(review, "background") is None


def test_a_client_in_an_adapter_that_is_only_offered(reviewed: Callable[..., Reviewed]) -> None:
    """Nothing of the program imports it: who installs the package may."""
    adapter = "from pymongo import MongoClient"
    assert taken(reviewed(api(mongo=adapter))[0], "data-layer") == "SQL, through the driver"
    used = {"shop/routes/orders.py": API["shop/routes/orders.py"].replace("import httpx", "import httpx, shop.mongo")}
    assert taken(reviewed(api(mongo=adapter) | used)[0], "data-layer") == "pymongo"


def test_endpoints_that_a_loop_registers(reviewed: Callable[..., Reviewed]) -> None:
    review, _ = reviewed(
        {
            "bridge/__init__.py": "",
            "bridge/main.py": """
            from fastapi import FastAPI

            def make(tool: str):
                async def call() -> str:
                    return tool
                return call

            def mount(app: FastAPI, tools: list[str]) -> None:
                for tool in tools:
                    app.post(f"/{tool}")(make(tool))

            app = FastAPI()
            mount(app, ["read", "write"])
            """,
        }
    )
    assert taken(review, "framework") == "FastAPI"
    assert review.factors["kind"].value == "api"


def test_pages_that_a_function_of_the_program_renders(reviewed: Callable[..., Reviewed]) -> None:
    review, _ = reviewed(
        {
            "site/__init__.py": "",
            "site/pages.py": """
            from flask import render_template
            def render_page(name, **values):
                return render_template(name, user="somebody", **values)
            """,
            "site/web.py": """
            from flask import Flask
            from site.pages import render_page
            app = Flask(__name__)

            @app.get("/")
            def index():
                return render_page("index.html")

            @app.get("/books")
            def books():
                return render_page("books.html")
            """,
        }
    )
    assert review.factors["kind"].value == "full-stack"


def test_a_package_that_is_run_and_gives_no_names_is_a_tool(reviewed: Callable[..., Reviewed]) -> None:
    review, _ = reviewed(
        {
            "fetcher/__init__.py": "__version__ = '1'\n__author__ = 'somebody'\n__licence__ = 'BSD'\n__date__ = '2026'",
            "fetcher/__main__.py": "from fetcher.core import main\nmain()",
            "fetcher/core.py": "def main() -> None: ...",
        }
    )
    assert review.factors["kind"].value == "tool"


def test_scripts_beside_each_other_are_no_site_because_one_of_them_serves(reviewed: Callable[..., Reviewed]) -> None:
    scripts = {f"script_{number}.py": "print(input())" for number in range(24)}
    served = """
        from flask import Flask, render_template
        app = Flask(__name__)

        @app.get("/")
        def index():
            return render_template("index.html")

        @app.get("/more")
        def more():
            return render_template("more.html")
        """
    review, _ = reviewed(scripts | {"hello.py": served, "parallel.py": "from multiprocessing import Pool"})
    assert review.factors["kind"].value == "tool"
    assert verdict(review, "framework") is None
    assert review.sentence.startswith("A tool;")


def test_flask_endpoints_called_from_tests(reviewed: Callable[..., Reviewed]) -> None:
    tests = "\n\n".join(f"def test_{n}(client):\n    assert client.get('/').status_code == 200" for n in range(3))
    review, _ = reviewed(
        {
            "shop.py": """
            from flask import Flask
            app = Flask(__name__)

            @app.get("/")
            def index():
                return "x"
            """,
            "tests/conftest.py": """
            import pytest
            from shop import app

            @pytest.fixture
            def client():
                return app.test_client()
            """,
            "tests/test_shop.py": tests,
        }
    )
    assert taken(review, "tests") == "pytest with the framework's test client"
    assert {figure.id: figure.value for figure in review.figures}["fixtures"] == "1"


def test_layers_in_a_tiny_service_are_a_matter_of_custom(reviewed: Callable[..., Reviewed]) -> None:
    """Claim G4.1 says that a few modules need no groups; groups in them break nothing."""
    found = verdict(reviewed(API)[0], "grouping")
    assert found is not None and (found.stand, found.taken[:8]) == ("drifts", "By layer")


@pytest.mark.parametrize(("typed", "stand"), [(1, "drifts"), (7, "drifts"), (10, "fits")])
def test_what_is_not_typed_works_all_the_same(reviewed: Callable[..., Reviewed], typed: int, stand: str) -> None:
    """Claim G3.1 says always, and the code drifts from that; contradicting is for what cannot work."""
    functions = [
        f"def f{number}(x{': int' if number < typed else ''}){' -> int' if number < typed else ''}: return x"
        for number in range(10)
    ]
    review, _ = reviewed({"shop.py": "\n".join(functions)}, lifetime="stays", size="small")
    found = verdict(review, "typing")
    assert found is not None and found.stand == stand


def test_what_is_on_quart_may_stay_on_quart(reviewed: Callable[..., Reviewed]) -> None:
    review, _ = reviewed(
        {
            "shop.py": """
            from quart import Quart
            app = Quart(__name__)

            @app.get("/")
            async def index():
                return "x"
            """
        }
    )
    found = verdict(review, "framework")
    assert found is not None and (found.taken, found.stand) == ("Quart", "fits")


def test_programs_among_the_examples_are_not_the_program(reviewed: Callable[..., Reviewed]) -> None:
    """An example with a package of its own is imported by a name that does not say where it lies."""
    example = {f"examples/store/{name}": text for name, text in API.items()}
    package = {"src/acme/__init__.py": "", "src/acme/cli.py": "import argparse"}
    review, _ = reviewed(example | package)
    assert verdict(review, "framework") is None


def test_an_example_that_is_looked_at_by_itself_is_the_program(reviewed: Callable[..., Reviewed]) -> None:
    review, _ = reviewed({f"examples/store/{name}": text for name, text in API.items()})
    assert taken(review, "framework") == "FastAPI"


def test_scripts_are_the_program_where_there_is_little_else(reviewed: Callable[..., Reviewed]) -> None:
    """Their folder and their files may be called what no import could name."""
    files = {f"scripts/{number:02}_rename-files.py": "def main(): print(input())\nmain()" for number in range(14)}
    once = {"scripts/15_feeds.py": "from apscheduler.schedulers.blocking import BlockingScheduler\nimport sqlalchemy"}
    review, _ = reviewed(files | once)
    assert review.factors["kind"].value == "tool"
    assert {figure.id: figure.value for figure in review.figures}["modules"] == "15"
    assert verdict(review, "data-layer") is None, "each script decides that for itself"


def test_the_hooks_of_a_handler_are_no_endpoints(reviewed: Callable[..., Reviewed]) -> None:
    review, _ = reviewed(
        {
            "hub/__init__.py": "",
            "hub/handlers.py": """
            import functools
            from tornado import web

            def limited(method):
                @functools.wraps(method)
                async def wrapper(self, *args):
                    return await method(self, *args)
                return wrapper

            class Users(web.RequestHandler):
                def initialize(self, store): self.store = store
                def prepare(self): self.set_status(200)
                def set_default_headers(self): self.set_header("X", "1")

                @limited
                async def get(self): await self.store.users()

            class Groups(web.RequestHandler):
                @limited
                async def get(self): await self.store.groups()
            """,
        }
    )
    assert {figure.id: figure.value for figure in review.figures}["endpoints-tornado"] == "2 of 2 (100 %)"
    concurrency = next(line for line in review.checklist if line.claim == "G10.3")
    assert concurrency.answer == "undecided"
    assert concurrency.because.endswith("2 of 2 endpoints are async); on this framework the guide has no advice")


def test_a_package_with_a_few_names_for_others_that_is_run_is_a_tool(reviewed: Callable[..., Reviewed]) -> None:
    rules = {f"linter/rules/rule_{number}.py": "def check() -> None: ..." for number in range(30)}
    review, _ = reviewed(
        rules
        | {
            "linter/__init__.py": "from linter.api import lint\n__all__ = ('lint',)",
            "linter/api.py": "def lint() -> None: ...",
            "linter/__main__.py": "from linter.api import lint\nlint()",
            "linter/rules/__init__.py": "",
        }
    )
    assert review.factors["kind"].value == "tool"


def test_asking_sqlite_for_its_version_is_no_data_layer(reviewed: Callable[..., Reviewed]) -> None:
    review, _ = reviewed({"info/__init__.py": "", "info/about.py": "import sqlite3\nprint(sqlite3.sqlite_version)"})
    assert verdict(review, "data-layer") is None


def test_the_driver_that_a_project_requires_beside_its_orm(reviewed: Callable[..., Reviewed]) -> None:
    files = {name: text.replace("asyncpg", "sqlalchemy") for name, text in API.items()}
    project = "[project]\nname = 'shop'\ndependencies = ['sqlalchemy', 'psycopg[binary]>=3.2']\n"
    review, _ = reviewed(files | {"pyproject.toml": project})
    found = verdict(review, "database-driver")
    assert found is not None and found.evidence is not None
    assert (found.taken, found.evidence.why) == ("psycopg 3", f"required in {found.evidence.places[0].path}")
    assert found.evidence.places[0].path.endswith("pyproject.toml")
    both = project.replace("'sqlalchemy'", "'sqlalchemy', 'asyncpg'")
    assert taken(reviewed(files | {"pyproject.toml": both})[0], "database-driver") == ""


def test_methods_that_are_called_like_builtins_run_no_code(reviewed: Callable[..., Reviewed]) -> None:
    review, _ = reviewed({"train.py": "def train(model, session, text): model.eval(); session.exec(text); eval(text)"})
    assert [(figure.id, figure.value) for figure in review.blind] == [("dynamic", "1")]


def test_a_drift_says_why_while_answers_are_missing(reviewed: Callable[..., Reviewed]) -> None:
    review, _ = reviewed(SITE, connections="real-time")
    found = verdict(review, "concurrency")
    assert found is not None and found.stand == "drifts"
    assert [reason for reason in found.reasons if not reason.against]


def test_pages_for_errors_that_are_registered_elsewhere(reviewed: Callable[..., Reviewed]) -> None:
    review, _ = reviewed(
        {
            "club/__init__.py": """
            from flask import Flask
            from club.errors import show
            app = Flask(__name__)
            for code in (403, 404, 500):
                app.register_error_handler(code, show)

            @app.get("/")
            def index():
                return "x"
            """,
            "club/errors.py": """
            from flask import render_template
            def show(error):
                return render_template("error.html", error=error)
            """,
        }
    )
    assert taken(review, "errors") == "Pages that say it in words"


def test_a_page_of_its_own_in_a_tool_makes_no_service_of_it(reviewed: Callable[..., Reviewed]) -> None:
    """A linter that shows its graph in a browser is a linter."""
    page = """
        from fastapi import FastAPI
        app = FastAPI()
        @app.get("/")
        def graph() -> str:
            return "graph"
        """
    command = "import click\n@click.command()\ndef lint() -> None: ...\n"
    rules = {f"lint/rule{number}.py": "" for number in range(30)}
    review, _ = reviewed({"lint/__init__.py": "", "lint/cli.py": command, "lint/ui.py": page, **rules})
    assert review.factors["kind"].value == "tool"
    assert verdict(review, "framework") is None


def test_a_coroutine_run_by_a_plain_function_is_no_command(reviewed: Callable[..., Reviewed]) -> None:
    """A library's sync face on async code is not there to be run."""
    files = {"brain/__init__.py": "", "brain/ask.py": """
        import asyncio
        async def answer() -> str:
            return ""
        def ask() -> str:
            return asyncio.run(answer())
        """}  # fmt: skip
    assert reviewed(files)[0].factors["kind"].value == "library"


def test_where_a_part_of_the_endpoints_is_async_async_clients_fit(reviewed: Callable[..., Reviewed]) -> None:
    plain = "\n".join(f"@router.get('/{n}')\ndef plain{n}() -> int: return {n}" for n in range(3))
    files = api(cache="import redis.asyncio as redis\nasync def connected() -> None: await redis.Redis().ping()")
    files["shop/routes/plain.py"] = f"from fastapi import APIRouter\nrouter = APIRouter()\n{plain}"
    review, _ = reviewed(files)
    assert "2 of 5 endpoints are async" in taken_why(review, "concurrency")
    found = verdict(review, "redis-client")
    assert found is not None and (found.taken, found.stand) == ("redis.asyncio, in redis-py", "fits")


def taken_why(review: Review, decision: str) -> str:
    found = verdict(review, decision)
    assert found is not None and found.evidence is not None
    return found.evidence.why


def test_an_orm_with_drivers_of_two_databases_does_not_say_which_it_uses(reviewed: Callable[..., Reviewed]) -> None:
    files = api(models="import sqlalchemy\nfrom sqlalchemy.dialects.mysql import LONGTEXT")
    files["requirements.txt"] = "asyncpg>=0.30\npymysql\n"
    assert "database" not in reviewed(files)[0].factors


def test_schemas_are_a_layer_beside_routes_and_models(reviewed: Callable[..., Reviewed]) -> None:
    """Otherwise routes and models alone may be too few modules to make a program of layers."""
    files = {name: text for name, text in API.items() if "services" not in name}
    files["shop/routes/orders.py"] = """
        from fastapi import APIRouter
        from shop.models.order import Order
        from shop.schemas.order import Shown
        router = APIRouter()

        @router.get("/orders")
        def orders() -> Shown:
            return Shown()
        """
    files |= {"shop/models/order.py": "class Order: ...", "shop/schemas/order.py": "class Shown: ..."}
    files |= {f"shop/providers/p{number}.py": "" for number in range(13)}
    review, _ = reviewed(files)
    assert review.map.kind == "layers"
    assert [part.name for part in review.map.parts] == ["routes", "models", "schemas"]


def test_a_graphql_service_is_an_api(reviewed: Callable[..., Reviewed]) -> None:
    """One endpoint answers for the whole schema, so that a few pages beside it are no site."""
    views = """
        from django.shortcuts import render
        from django.urls import path
        def playground(request):
            return render(request, "playground.html")
        def home(request):
            return render(request, "home.html")
        def graphql(request):
            return None
        urlpatterns = [path("", home), path("play/", playground), path("graphql/", graphql)]
        """
    files = {"shop/__init__.py": "", "shop/urls.py": views}
    assert reviewed(files)[0].factors["kind"].value == "full-stack"
    schema = "import graphene\nclass Order(graphene.ObjectType): ...\n"
    large = {f"shop/graphql/type{number}.py": schema for number in range(13)}
    review, _ = reviewed(files | large)
    assert review.factors["kind"].value == "api"
    assert taken(review, "validation") == "The types of its GraphQL schema"


def test_views_that_are_classes_of_its_own_render_pages_too(reviewed: Callable[..., Reviewed]) -> None:
    """Which method of them runs is not seen; what imports the request and renders, answers with pages."""
    view = """
        from flask import render_template, request
        class Show:
            def process(self) -> str:
                return render_template("show.html", **request.args)
        """
    main = """
        from flask import Flask
        app = Flask(__name__)
        @app.route("/ping")
        def ping() -> str:
            return ""
        """
    files = {"site/__init__.py": "", "site/main.py": main, "site/a.py": view, "site/b.py": view}
    assert reviewed(files)[0].factors["kind"].value == "full-stack"


def test_a_tool_computes_in_processes_where_one_module_has_the_pool(reviewed: Callable[..., Reviewed]) -> None:
    run = """
        import multiprocessing
        def run(paths: list[str]) -> None:
            with multiprocessing.Pool() as pool:
                pool.map(print, paths)
        if __name__ == "__main__":
            run([])
        """
    rules = {f"lint/rule{number}.py": "def rule() -> None: ..." for number in range(120)}
    review, _ = reviewed({"lint/__init__.py": "", "lint/__main__.py": run, **rules})
    assert "processes" in taken(review, "concurrency")


def test_views_behind_a_shared_decorator_are_counted_each(reviewed: Callable[..., Reviewed]) -> None:
    """What the decorator makes is one function for all of them; the routes tell them apart."""
    views = """
        import functools
        from django.http import HttpResponse
        from django.urls import path
        def members_only(view):
            @functools.wraps(view)
            def inner(request, *args, **kwargs):
                return view(request, *args, **kwargs)
            return inner
        @members_only
        def one(request):
            return HttpResponse()
        @members_only
        def two(request):
            return HttpResponse()
        urlpatterns = [path("one/", one), path("two/", two)]
        """
    review, _ = reviewed({"shop/__init__.py": "", "shop/urls.py": views})
    figure = next(each for each in review.figures if each.id == "endpoints-django")
    assert figure.value == "2 of 2 (100 %)"
    assert {place.line for place in figure.places} == {16}


def test_a_page_may_be_put_into_a_response_by_a_function_of_the_programs(reviewed: Callable[..., Reviewed]) -> None:
    views = """
        from sanic import Sanic
        from sanic.response import html
        from jinja2 import Environment
        app, env = Sanic("site"), Environment()
        def template(name, **values):
            return html(env.get_template(name).render(values))
        @app.route("/")
        async def home(request):
            return template("home.html")
        @app.route("/about")
        async def about(request):
            return template("about.html")
        """
    assert reviewed({"site/__init__.py": "", "site/views.py": views})[0].factors["kind"].value == "full-stack"


def test_plain_test_cases_are_seen(reviewed: Callable[..., Reviewed]) -> None:
    cases = "\n".join(f"    def test_{n}(self): self.assertTrue({n + 1})" for n in range(4))
    files = API | {"tests.py": f"import unittest\nclass Case(unittest.TestCase):\n{cases}\n"}
    assert taken(reviewed(files)[0], "tests") == "unittest"


def test_pytest_beside_djangos_runner_runs_no_django(reviewed: Callable[..., Reviewed]) -> None:
    """One file may use pytest for itself; what is required says what runs the suite."""
    case = "from django.test import TestCase\nclass Case(TestCase):\n"
    cases = "\n".join(f"    def test_{n}(self): self.assertTrue({n + 1})" for n in range(4))
    views = "from django.urls import path\ndef home(request): return None\nurlpatterns = [path('', home)]\n"
    files = {"shop/__init__.py": "", "shop/urls.py": views, "shop/tests.py": case + cases}
    files |= {"shop/test_other.py": "import pytest\n" + case + cases, "requirements.txt": "django\npytest\n"}
    assert taken(reviewed(files)[0], "tests") == "Django's test runner"


def test_tests_that_make_requests_of_their_own_run_on_flasks_client(reviewed: Callable[..., Reviewed]) -> None:
    app = "from flask import Flask\napp = Flask(__name__)\n@app.route('/')\ndef home() -> str: return ''\n"
    tests = "from shop import app\n" + "\n".join(
        f"def test_{n}() -> None:\n    with app.app.test_request_context('/'): pass" for n in range(4)
    )
    review, _ = reviewed({"shop/__init__.py": "", "shop/app.py": app, "tests/test_home.py": f"import pytest\n{tests}"})
    found = verdict(review, "tests")
    assert found is not None and found.taken == "pytest with the framework's test client"
    assert found.evidence is not None and found.evidence.why == "1 test module"


def test_modules_beside_a_script_are_imported_though_a_package_lies_below(reviewed: Callable[..., Reviewed]) -> None:
    """What a folder below imports relatively says nothing of the folder that a script is run in."""
    plugins = {f"bot/plugins/p{number}.py": "from .plugin import Plugin" for number in range(14)}
    named = "".join(f"from plugins.p{number} import Plugin as P{number}\n" for number in range(14))
    files = {
        "bot/main.py": "from manager import run\nif __name__ == '__main__':\n    run()\n",
        "bot/manager.py": f"{named}def run() -> None: ...\n",
        "bot/plugins/plugin.py": "class Plugin: ...",
        **plugins,
    }
    assert "lifetime" not in reviewed(files)[0].factors


def test_an_async_client_beside_coroutines_of_its_own_fits_a_sync_program(reviewed: Callable[..., Reviewed]) -> None:
    """A module that publishes to a socket's readers may be async, whatever the endpoints are."""
    site = {name: text.replace("async def", "def").replace("await ", "") for name, text in API.items()}
    site["shop/services/orders.py"] = "def find(order: int = 0) -> list[int]: return []"
    site["shop/routes/orders.py"] = "\n".join([
        "from fastapi import APIRouter",
        "router = APIRouter()",
        *(f"@router.get('/{n}')\ndef plain{n}() -> int: return {n}" for n in range(12)),
    ])  # fmt: skip
    coroutine = "import redis.asyncio as redis\nasync def publish() -> None: await redis.Redis().ping()"
    found = verdict(reviewed(site | {"shop/events.py": coroutine})[0], "redis-client")
    assert found is not None and (found.taken, found.stand) == ("redis.asyncio, in redis-py", "fits")


def test_an_async_client_without_any_coroutine_contradicts_a_sync_program(reviewed: Callable[..., Reviewed]) -> None:
    site = {name: text.replace("async def", "def").replace("await ", "") for name, text in API.items()}
    site["shop/services/orders.py"] = "def find(order: int = 0) -> list[int]: return []"
    plain = "import redis.asyncio as redis\ndef publish() -> None: redis.Redis().ping()"
    found = verdict(reviewed(site | {"shop/events.py": plain})[0], "redis-client")
    assert found is not None and found.stand == "contradicts"


def test_a_client_in_one_module_of_many_contradicts_nothing(reviewed: Callable[..., Reviewed]) -> None:
    """It may be made for another library, which asks for it."""
    site = {name: text.replace("async def", "def").replace("await ", "") for name, text in API.items()}
    site["shop/services/orders.py"] = "def find(order: int = 0) -> list[int]: return []"
    site |= {f"shop/part{number}.py": "" for number in range(50)}
    plain = "import redis.asyncio as redis\nfrom health import RedisCheck\nchecks = [RedisCheck(redis.Redis())]"
    found = verdict(reviewed(site | {"shop/checks.py": plain})[0], "redis-client")
    assert found is not None and found.stand == "drifts"


def test_a_client_that_blocks_fits_no_async_program_that_is_sync_in_part(reviewed: Callable[..., Reviewed]) -> None:
    files = api(cache="import redis\ndef connected() -> None: redis.Redis().ping()")
    files["shop/routes/plain.py"] = (
        "from fastapi import APIRouter\nrouter = APIRouter()\n@router.get('/plain')\ndef plain() -> int: return 1"
    )
    review, _ = reviewed(files)
    assert "2 of 3 endpoints are async" in taken_why(review, "concurrency")
    found = verdict(review, "redis-client")
    assert found is not None and found.stand == "contradicts"


def test_a_driver_in_one_module_is_how_it_is_done_if_others_build_on_it(reviewed: Callable[..., Reviewed]) -> None:
    store = "import sqlite3\ndef rows() -> list[int]: return sqlite3.connect('x').execute('select 1').fetchall()"
    files = api(store=store) | {f"shop/part{number}.py": "" for number in range(90)}
    files["shop/services/orders.py"] = "async def find(order: int = 0) -> list[int]: return []"
    assert verdict(reviewed(files)[0], "data-layer") is None
    using = {f"shop/user{number}.py": "from shop.store import rows" for number in range(5)}
    assert taken(reviewed(files | using)[0], "data-layer") == "SQL, through the driver"


def test_a_server_of_aiohttps_is_no_client(reviewed: Callable[..., Reviewed]) -> None:
    served = "from aiohttp import web\nasync def index(request: web.Request) -> web.Response: return web.Response()"
    files = {"app/__init__.py": "", "app/main.py": served + "\napp = web.Application()\napp.router.add_get('/', index)"}
    assert reviewed(files)[0].factors["outgoing-http"].value == "none"


def test_what_an_example_requires_says_nothing_of_the_program(reviewed: Callable[..., Reviewed]) -> None:
    files = {name: text.replace("asyncpg", "sqlalchemy") for name, text in API.items()}
    example = {"examples/geo/pyproject.toml": "dependencies = ['psycopg2']", "examples/geo/app.py": ""}
    assert taken(reviewed(files | example)[0], "database-driver") == ""


def test_applications_of_django_are_features_with_models_alone(reviewed: Callable[..., Reviewed]) -> None:
    apps = {
        f"shop/{name}/{module}.py": ""
        for name in ("orders", "stock", "people")
        for module in ("__init__", "apps", "models", "migrations/__init__")
    }
    review, _ = reviewed(SITE | {"shop/__init__.py": ""} | apps)
    assert review.factors["areas"].value == "yes"


def test_one_companion_process_is_not_how_it_computes(reviewed: Callable[..., Reviewed]) -> None:
    started = "from multiprocessing import Process\ndef start(run) -> None: Process(target=run).start()"
    assert "processes" not in taken(reviewed(api(companion=started))[0], "concurrency")


def test_tests_that_only_djangos_runner_finds(reviewed: Callable[..., Reviewed]) -> None:
    cases = "\n".join(f"    def test_{n}(self): self.assertTrue({n + 1})" for n in range(4))
    tests = {"pages/tests/tests_views.py": f"from django.test import TestCase\nclass Views(TestCase):\n{cases}"}
    assert taken(reviewed(SITE | tests)[0], "tests") == "Django's test runner"


def test_views_that_leave_the_answering_to_their_bases(reviewed: Callable[..., Reviewed]) -> None:
    views = """
        from django.shortcuts import render
        from django.views.generic import ListView, TemplateView
        from pages.models import Page
        def index(request): return render(request, "index.html")
        def old(request): return render(request, "old.html")
        class Pages(ListView): model = Page
        class About(TemplateView): template_name = "about.html"
        class Help(TemplateView): template_name = "help.html"
        """
    assert taken(reviewed(SITE | {"pages/views.py": views})[0], "django-style") == "Class-based views"


def test_siblings_that_are_imported_as_a_whole(reviewed: Callable[..., Reviewed]) -> None:
    """A folder of modules that a script starts from, with an ``__init__.py`` that nobody needs."""
    files = {
        "bot/__init__.py": "",
        "bot/bot.py": "import config\nimport database\nstore = database.Database(), config.URI",
        "bot/config.py": "URI = 'mongodb://localhost'",
        "bot/database.py": "import pymongo\nclass Database:\n    client = pymongo.MongoClient()",
    }
    assert taken(reviewed(files)[0], "data-layer") == "pymongo"


@pytest.mark.parametrize(
    ("decision", "imported", "named"),
    [
        ("data-layer", "arango", "ArangoDB"),
        ("data-layer", "azure.cosmos.aio", "Cosmos DB"),
        ("background", "karton.core", "Karton"),
    ],
)
def test_what_the_guide_does_not_weigh_is_named(
    reviewed: Callable[..., Reviewed], decision: str, imported: str, named: str
) -> None:
    used = "import shop.store\nasync def find(order: int = 0) -> list[int]: return []"
    found = verdict(reviewed(api(store=f"import {imported}") | {"shop/services/orders.py": used})[0], decision)
    assert found is not None and (found.taken, found.stand) == (named, "undecided")


def test_processes_beside_endpoints_that_wait_do_more_than_threads(reviewed: Callable[..., Reviewed]) -> None:
    files = {name: text.replace("async def", "def").replace("await ", "") for name, text in API.items()}
    files["shop/report.py"] = "from concurrent.futures import ProcessPoolExecutor\npool = ProcessPoolExecutor()"
    files["shop/reports.py"] = "from shop.report import pool"
    found = verdict(reviewed(files, team_async="no", connections="few")[0], "concurrency")
    assert found is not None and (found.taken, found.stand) == ("Sync, with computing in processes", "fits")


def test_clients_go_by_the_names_that_they_are_imported_by(reviewed: Callable[..., Reviewed]) -> None:
    files = {"a.py": "import requests", "b.py": "import requests", "c.py": "import requests"}
    review, _ = reviewed(API | {f"shop/{name}": text for name, text in files.items()})
    found = verdict(review, "http-client")
    assert found is not None and found.evidence is not None and found.evidence.why.endswith("; httpx in 1")


def test_what_few_tests_use_is_not_what_the_tests_run_on(reviewed: Callable[..., Reviewed]) -> None:
    plain = {
        f"tests/test_sums{n}.py": f"import pytest\ndef test_{n}() -> None: assert {n} + 1 > {n}" for n in range(12)
    }
    client = {"tests/test_web.py": "from starlette.testclient import TestClient\ndef test_web() -> None: pass"}
    adapter = {
        "tests/test_site.py": "from django.test import TestCase\nclass Site(TestCase):\n    def test(self): pass"
    }
    parts = {f"shop/part{n}.py": "" for n in range(30)}
    assert taken(reviewed(API | parts | plain | client | adapter)[0], "tests") == "pytest alone"


def test_tests_of_unittest_of_which_one_imports_pytest(reviewed: Callable[..., Reviewed]) -> None:
    case = "import unittest\nclass Sums{n}(unittest.TestCase):\n    def test_one(self) -> None: pass"
    tests = {f"tests/test_sums{n}.py": case.format(n=n) for n in range(12)}
    marked = {"tests/test_slow.py": "import pytest\n@pytest.mark.slow\ndef test_slow() -> None: pass"}
    assert taken(reviewed(API | tests | marked)[0], "tests") == "unittest"
