"""What kind of program it is, where a first look would mislead; each was judged wrong on a real program once."""

from collections.abc import Callable

import pytest
from small_programs import API, LIBRARY, SITE, Reviewed

TOOL = {
    "pyproject.toml": "[project]\nname = 'tidy'\n",
    "tidy/__init__.py": "",
    "tidy/__main__.py": "import click\n@click.command()\ndef main() -> None: pass\nmain()",
    **{f"tidy/step{number}.py": f"def step{number}() -> int: return {number}" for number in range(60)},
}
PAGE = """\
from flask import Flask
app = Flask(__name__)
@app.get("/")
def status() -> str: return "ok"
"""
ROUTES = "".join(f"@app.get('/{number}')\ndef get{number}() -> str: return ''\n" for number in range(20))


def kind(reviewed: Reviewed) -> str:
    return reviewed[0].factors["kind"].value


def grouping(reviewed: Reviewed) -> str:
    return next(verdict.taken for verdict in reviewed[0].verdicts if verdict.decision == "grouping")


def test_one_page_in_a_corner_of_a_tool(reviewed: Callable[..., Reviewed]) -> None:
    assert kind(reviewed(TOOL | {"tidy/web.py": PAGE})) == "tool"


def test_many_endpoints_in_one_module_of_a_large_tool(reviewed: Callable[..., Reviewed]) -> None:
    parts = {f"tidy/part{number}.py": "" for number in range(100)}
    assert kind(reviewed(TOOL | parts | {"tidy/dashboard.py": PAGE + ROUTES})) == "tool"


def test_what_runs_is_what_serves(reviewed: Callable[..., Reviewed]) -> None:
    main = "if __name__ == '__main__':\n    app.run()\n"
    using = "".join(f"import part{number}\n" for number in range(30))
    files = {f"src/part{number}.py": "" for number in range(30)} | {"src/server.py": f"{using}{PAGE}{main}"}
    assert kind(reviewed(files)) == "api"


def test_a_tool_whose_package_holds_its_code_gives_nothing_out(reviewed: Callable[..., Reviewed]) -> None:
    names = "\n".join(f"def rule{n}() -> int: return {n}" for n in range(20))
    used = f"\nclass Tidy:\n    rules = [{', '.join(f'rule{n}' for n in range(20))}]"
    assert kind(reviewed(TOOL | {"tidy/__init__.py": names + used})) == "tool"


def test_models_that_no_endpoint_builds_on(reviewed: Callable[..., Reviewed]) -> None:
    predicting = "import torch\ndef predict() -> None: torch.load('model')"
    assert kind(reviewed(API | {"shop/research.py": predicting})) != "model-serving"


def test_models_behind_an_endpoint(reviewed: Callable[..., Reviewed]) -> None:
    predicting = "import torch\nasync def find(order: int = 0) -> list[int]: return torch.load('model')"
    assert kind(reviewed(API | {"shop/services/orders.py": predicting})) == "model-serving"


def test_an_admin_site_beside_an_api_makes_no_pages_of_it(reviewed: Callable[..., Reviewed]) -> None:
    answering = """
        from django.http import JsonResponse
        from pages.models import Page
        def index(request): return JsonResponse({"pages": Page.objects.count()})
        def old(request): return JsonResponse({})
        """
    review, _ = reviewed(SITE | {"pages/views.py": answering})
    assert (review.factors["kind"].value, review.factors["admin"].value) == ("simple", "yes")


def test_pages_that_a_content_management_system_serves(reviewed: Callable[..., Reviewed]) -> None:
    pages = """
        from wagtail.models import Page
        class Home(Page): pass
        class Article(Page): pass
        """
    serving = "from django.urls import path\nfrom pages import views\nurlpatterns = [path('', views.index)]"
    files = SITE | {
        "pages/models.py": pages,
        "pages/urls.py": serving,
        "pages/views.py": "from django.http import HttpResponse\ndef index(request): return HttpResponse('')",
    }
    assert kind(reviewed(files)) == "full-stack"


BOT = """
    import discord
    client = discord.Client()
    @client.event
    async def on_message(message): pass
    @client.event
    async def on_ready(): pass
    @client.event
    async def on_reaction_add(reaction, user): pass
    """


def test_a_bot_is_not_told_to_take_a_task_queue(reviewed: Callable[..., Reviewed]) -> None:
    review, _ = reviewed({"bot/__init__.py": "", "bot/main.py": BOT})
    assert review.sentence.startswith("A program that answers events")
    assert {"background", "grouping"}.isdisjoint(verdict.decision for verdict in review.verdicts)


def test_a_few_handlers_in_a_library_make_no_bot_of_it(reviewed: Callable[..., Reviewed]) -> None:
    many = "\n".join(f"def helper{number}() -> int: return {number}" for number in range(400))
    names = ", ".join(f"helper{number}" for number in range(12))
    files = LIBRARY | {
        "src/sums/more.py": many,
        "src/sums/events.py": BOT,
        "src/sums/__init__.py": f"from sums.more import {names}\n",
    }
    assert kind(reviewed(files)) == "library"


@pytest.mark.parametrize("copies", [1, 3])
def test_packages_that_were_installed_into_the_repository_are_not_the_program(
    reviewed: Callable[..., Reviewed], copies: int
) -> None:
    """One such record may be that of the program itself."""
    files = {f"lib3/copy{n}/__init__.py": f"def copied{n}() -> int: return {n}" for n in range(3)}
    files |= {f"lib3/copy{n}-1.{n}.dist-info/METADATA": "" for n in range(copies)}
    review, _ = reviewed(API | files)
    assert review.files == len(API) - 1 + (3 if copies == 1 else 0)


def test_a_package_whose_examples_mount_it_is_a_library(reviewed: Callable[..., Reviewed]) -> None:
    example = """
        from fastapi import FastAPI
        from shop.main import app as shop
        app = FastAPI()
        app.mount("/shop", shop)
        """
    assert kind(reviewed(API | {"examples/site.py": example})) == "library"


def test_what_draws_a_part_of_a_page_is_no_template(reviewed: Callable[..., Reviewed]) -> None:
    """An API whose back office puts HTML together from classes of its own."""
    parts = "class Table:\n    def render(self, rows: list[int]) -> str: return str(rows)"
    drawn = "\n        ".join(["Table().render([])"] * 6)
    office = f"""
        from fastapi import APIRouter
        from shop.parts import Table
        router = APIRouter()

        @router.get("/office")
        async def office() -> str:
            {drawn.replace(chr(10) + "        ", chr(10) + "            ")}
            return Table().render([1])
        """
    assert kind(reviewed(API | {"shop/parts.py": parts, "shop/routes/office.py": office})) != "full-stack"


def test_scripts_beside_a_service_are_not_the_service(reviewed: Callable[..., Reviewed]) -> None:
    """Also where they import one another, so that their folder is an import root."""
    computing = "from concurrent.futures import ProcessPoolExecutor\npool = ProcessPoolExecutor()"
    scripts = {f"scripts/load{number}.py": "import data_utils\n" for number in range(12)}
    review, _ = reviewed(API | scripts | {"scripts/data_utils.py": computing})
    assert review.factors["size"].value == "small"
    assert not any("processes" in verdict.taken for verdict in review.verdicts)


def test_small_programs_side_by_side_are_a_collection(reviewed: Callable[..., Reviewed]) -> None:
    """Some of them sites, and most of them more than one module."""
    files = {
        f"games/game{n}/{name}.py": text
        for n in range(8)
        for name, text in (("run", "import board\nprint(board)"), ("board", ""))
    }
    sites = {f"sites/site{n}/app.py": PAGE for n in range(4)}
    review, _ = reviewed(files | sites)
    assert (review.factors["kind"].value, review.factors["lifetime"].value) == ("tool", "one-off")


def test_routes_that_name_their_component_are_pages(reviewed: Callable[..., Reviewed]) -> None:
    routes = "\n".join(
        f"    @get('/{n}', component='page{n}')\n    async def get{n}(self) -> dict: return {{}}" for n in range(6)
    )
    imports = "from litestar import Controller, Litestar, get\nfrom litestar_vite import ViteConfig"
    site = f"{imports}\nclass Site(Controller):\n{routes}"
    files = {"app/__init__.py": "", "app/main.py": f"{site}\napp = Litestar(route_handlers=[Site])"}
    assert kind(reviewed(files)) == "full-stack"


def test_copies_without_records_are_told_by_their_names(reviewed: Callable[..., Reviewed]) -> None:
    names = ("requests", "certifi", "chardet", "idna", "tornado")
    review, _ = reviewed(API | {f"ext/{name}/__init__.py": "" for name in names})
    assert review.files == len(API) - 1


def test_a_server_that_comes_with_an_extra(reviewed: Callable[..., Reviewed]) -> None:
    asked = "[project]\nname = 'tidy'\ndependencies = [{}]\n[project.optional-dependencies]\nserver = ['{}']\n"
    small = {name: text for name, text in TOOL.items() if "step" not in name or name.endswith("1.py")}
    served = small | {"tidy/web.py": PAGE + ROUTES}
    assert kind(reviewed(served | {"pyproject.toml": asked.format("", "Flask")})) == "tool"
    assert kind(reviewed(served | {"pyproject.toml": asked.format("'flask'", "redis")})) != "tool"


def test_a_library_with_pages_of_its_own_for_who_wants_them(reviewed: Callable[..., Reviewed]) -> None:
    queue = {
        "pyproject.toml": "[project]\nname = 'q'\n[project.scripts]\nq = 'q.cli:main'\n",
        "q/__init__.py": "from q.job import Job, Status\nfrom q.queue import Queue\nfrom q.worker import Worker\n",
        "q/job.py": "class Job: pass\nclass Status: pass",
        "q/queue.py": "class Queue: pass",
        "q/worker.py": "class Worker: pass",
        "q/cli.py": "def main() -> None:\n    from q.web import app\n    app.run()\n",
        "q/web.py": PAGE + ROUTES,
    }
    assert kind(reviewed(queue)) == "library"
    # A service whose package gives names out has more behind its endpoints than what those bring.
    deeper = {f"q/part{n}.py": f"import q.part{n + 1}" for n in range(5)} | {"q/part5.py": ""}
    serving = {"q/web.py": f"import q.part0\n{queue['q/web.py']}"}
    assert kind(reviewed(queue | deeper | serving)) != "library"


def test_an_application_that_only_others_start(reviewed: Callable[..., Reviewed]) -> None:
    hook = """
        from aiohttp import web
        class Bridge:
            def __init__(self) -> None:
                self.app = web.Application()
                self.app.router.add_post("/hook", self.hook)
            async def hook(self, request: web.Request) -> web.Response: return web.Response()
        """
    parts = {f"bridge/part{number}.py": "" for number in range(30)}
    assert kind(reviewed({"bridge/__init__.py": "", "bridge/base.py": hook, **parts})) == "library"
    run = {"bridge/run.py": "from bridge.base import Bridge\nif __name__ == '__main__':\n    Bridge()\n"}
    assert kind(reviewed({"bridge/__init__.py": "", "bridge/base.py": hook, **parts, **run})) != "library"


@pytest.mark.parametrize(
    "said",
    [
        {"tidy/asgi.py": "from tidy.web import app"},
        {"tidy/web.py": PAGE + "if __name__ == '__main__':\n    app.run()\n"},
        {"pyproject.toml": "[project]\nname = 'tidy'\n[project.scripts]\ntidy-run = 'tidy.web:run'\n"},
    ],
)
def test_a_corner_that_a_server_is_told_to_run(reviewed: Callable[..., Reviewed], said: dict[str, str]) -> None:
    assert kind(reviewed(TOOL | {"tidy/web.py": PAGE} | said)) != "tool"


def test_names_of_a_program_that_fills_a_screen(reviewed: Callable[..., Reviewed]) -> None:
    names = {f"tidy/part{n}.py": f"class Part{n}: pass" for n in range(12)}
    files = {
        "tidy/__init__.py": "".join(f"from tidy.part{n} import Part{n}\n" for n in range(12)),
        "tidy/__main__.py": "from tidy.app import Tidy\ndef main() -> None: Tidy().run()\n",
        "tidy/app.py": "import rich.table\nclass Tidy:\n    def run(self) -> None: pass\n",
        **names,
    }
    assert kind(reviewed(files)) == "library"
    screen = {"tidy/app.py": "from textual.app import App\nclass Tidy(App[None]): pass\n"}
    assert kind(reviewed(files | screen)) == "tool"


def test_many_names_that_others_build_on_with_an_application_in_a_class(reviewed: Callable[..., Reviewed]) -> None:
    server = """
        from fastapi import FastAPI
        class Server:
            def __init__(self) -> None:
                self.app = FastAPI()
                self.app.get("/health")(self.health)
            def health(self) -> str: return "ok"
        """
    parts = {f"serve/part{n}.py": f"class Part{n}: pass" for n in range(10)}
    brought = "".join(f"from serve.part{n} import Part{n}\n" for n in range(10))
    package = {"serve/__init__.py": brought + "from serve.server import Server\n", "serve/server.py": server}
    assert kind(reviewed(package | parts)) == "library"
    assert (
        kind(reviewed(package | parts | {"serve/main.py": "from fastapi import FastAPI\napp = FastAPI()"})) != "library"
    )


def test_plugins_in_a_folder_are_no_scripts(reviewed: Callable[..., Reviewed]) -> None:
    plugins = {f"sources/site{n}.py": f"async def latest{n}(name: str) -> str: return name" for n in range(40)}
    review, _ = reviewed(TOOL | plugins)
    assert (review.factors["kind"].value, "lifetime" in review.factors) == ("tool", False)


def test_packages_beside_each_other_are_no_heap_of_modules(reviewed: Callable[..., Reviewed]) -> None:
    parts = {f"many/{part}/{part}{n}.py": "" for part in ("core", "client", "cli", "queue") for n in range(6)}
    packages = {f"many/{part}/__init__.py": "" for part in ("core", "client", "cli", "queue")}
    packages |= {"many/__init__.py": "", "many/main.py": PAGE}
    assert grouping(reviewed({**packages, **parts})) == "Packages of its own kind"
    heap = {f"many/part{n}.py": "" for n in range(14)}
    assert grouping(reviewed({**packages, **parts, **heap})) == "Neither: modules beside each other"


def test_a_command_that_leads_to_what_is_an_extra_makes_no_tool(reviewed: Callable[..., Reviewed]) -> None:
    asked = """
        [project]
        name = "mocks"
        dependencies = []
        [project.optional-dependencies]
        server = ["flask"]
        [project.scripts]
        mocks-server = "mocks.server:app"
        """
    files = {"mocks/__init__.py": "from mocks.core import mock\n", "mocks/core.py": "def mock() -> None: pass"}
    served = files | {"pyproject.toml": asked, "mocks/server.py": PAGE + ROUTES}
    assert kind(reviewed(served)) == "library"
    more = {"pyproject.toml": asked + '        mocks = "mocks.core:mock"\n'}
    assert kind(reviewed(served | more)) == "tool"


def test_what_manage_runs_makes_no_tool_of_a_library_for_django(reviewed: Callable[..., Reviewed]) -> None:
    command = """
        from django.core.management.base import BaseCommand
        class Command(BaseCommand):
            def handle(self, *args, **options): pass
        """
    folder = "schema/management"
    files = {"schema/__init__.py": "", f"{folder}/__init__.py": "", f"{folder}/commands/__init__.py": ""}
    assert kind(reviewed(files | {f"{folder}/commands/write.py": command})) == "library"


def test_one_package_of_layers_is_no_feature(reviewed: Callable[..., Reviewed]) -> None:
    layers = {f"shop/{layer}/{name}.py": "" for layer in ("services", "models", "schemas") for name in "abc"}
    routes = {f"shop/routes/{name}.py": f"from shop.services import {name}" for name in "abc"}
    files = {"shop/__init__.py": "", "other/services.py": "", "other/models.py": "", "other/__init__.py": ""}
    assert grouping(reviewed(API | files | layers | routes)).startswith("By layer")
