"""What is there for the applications of others, and what is an application though it does not look like one."""

from collections.abc import Callable

from small_programs import Reviewed

ROUTES = """
    import flask
    pages = flask.Blueprint("pages", __name__)
    @pages.route("/")
    def home(): return "home"
    @pages.route("/more")
    def more(): return "more"
    """


def kind(reviewed: Reviewed) -> str:
    return reviewed[0].factors["kind"].value


def test_an_application_made_by_its_full_name(reviewed: Callable[..., Reviewed]) -> None:
    factory = (
        "import flask\nfrom shop.pages import pages\ndef create():\n    app = flask.Flask(__name__)\n    return app"
    )
    assert kind(reviewed({"shop/__init__.py": factory, "shop/pages.py": ROUTES})) == "simple"


def test_an_application_that_is_only_asked_for(reviewed: Callable[..., Reviewed]) -> None:
    taking = (
        "from flask import Flask\nfrom shop.pages import pages\ndef mount(app: Flask): app.register_blueprint(pages)"
    )
    assert kind(reviewed({"shop/__init__.py": taking, "shop/pages.py": ROUTES})) == "library"


def test_one_handler_of_a_library_for_others_to_mount(reviewed: Callable[..., Reviewed]) -> None:
    hook = """
        from aiohttp import web
        async def hook(request: web.Request) -> web.Response: return web.Response()
        def mount(app: web.Application) -> None: app.router.add_post("/hook", hook)
        """
    parts = {f"bots/part{number}.py": "" for number in range(12)}
    assert kind(reviewed({"bots/__init__.py": "", "bots/hook.py": hook} | parts)) == "library"


def test_views_of_django_without_a_project_around_them(reviewed: Callable[..., Reviewed]) -> None:
    files = {
        "panels/urls.py": "from django.urls import path\nfrom panels.views import show\nurlpatterns = [path('', show)]",
        "panels/views.py": "from django.shortcuts import render\ndef show(request): return render(request, 'a.html')",
        **{f"panels/part{number}.py": "" for number in range(20)},
    }
    assert kind(reviewed({"panels/__init__.py": ""} | files)) == "library"
    manage = "from django.core.management import execute_from_command_line\nexecute_from_command_line()"
    assert kind(reviewed({"panels/__init__.py": "", "manage.py": manage} | files)) == "library"  # it runs the tests
    assert (
        kind(reviewed({"panels/__init__.py": "", "site/settings.py": "ROOT_URLCONF = 'panels.urls'"} | files))
        != "library"
    )


def test_many_views_of_a_distribution_without_a_project(reviewed: Callable[..., Reviewed]) -> None:
    views = "".join(f"def show{n}(request): return render(request, '{n}.html')\n" for n in range(12))
    listed = ", ".join(f"path('{n}', views.show{n})" for n in range(12))
    files = {
        "panels/__init__.py": "",
        "panels/urls.py": f"from django.urls import path\nfrom panels import views\nurlpatterns = [{listed}]",
        "panels/views.py": f"from django.shortcuts import render\n{views}",
    }
    asked = {"pyproject.toml": "[project]\nname = 'panels'\ndependencies = ['django']\n"}
    assert kind(reviewed(files)) == "full-stack"
    assert kind(reviewed(files | asked)) == "library"
    assert (
        kind(
            reviewed(
                files
                | asked
                | {"panels/wsgi.py": "from django.core.wsgi import get_wsgi_application\napp = get_wsgi_application()"}
            )
        )
        == "full-stack"
    )


def test_a_site_that_says_what_it_needs_and_has_settings_in_classes(reviewed: Callable[..., Reviewed]) -> None:
    settings = "class Base:\n    ROOT_URLCONF = 'site.urls'\n"
    files = {
        "pyproject.toml": "[project]\nname = 'panels'\ndependencies = ['django']\n",
        "panels/__init__.py": "",
        "panels/urls.py": "from django.urls import path\nfrom panels.views import show\nurlpatterns = [path('', show)]",
        "panels/views.py": "from django.shortcuts import render\ndef show(request): return render(request, 'a.html')",
    }
    assert kind(reviewed(files)) == "library"
    assert kind(reviewed(files | {"panels/settings.py": settings})) != "library"


def test_pages_of_a_project_that_is_no_distribution(reviewed: Callable[..., Reviewed]) -> None:
    """Where its application comes from a package of its makers', only what can be installed may be a library."""
    files = {"shop/__init__.py": "from makers import Site\napp = Site('shop')", "shop/pages.py": ROUTES}
    assert kind(reviewed(files | {"requirements.txt": "flask\n"})) != "library"
    assert kind(reviewed(files | {"pyproject.toml": "[project]\nname = 'shop'\n"})) == "library"


def test_names_that_a_package_has_from_its_modules_by_star(reviewed: Callable[..., Reviewed]) -> None:
    names = f"__all__ = {[f'make{number}' for number in range(12)]}"
    files = {"chat/__init__.py": "from .api import *", "chat/api.py": names, "chat/__main__.py": "print('1.0')"}
    assert kind(reviewed(files)) == "library"


def test_threads_are_no_events_from_outside(reviewed: Callable[..., Reviewed]) -> None:
    threads = "\n".join(
        f"class Worker{number}(threading.Thread):\n    def run(self): pass" for number in range(4)
    )  # fmt: skip
    names = "\n".join(f"class Task{number}: pass" for number in range(12))
    files = {"jobs/__init__.py": names, "jobs/workers.py": f"import threading\n{threads}"}
    assert kind(reviewed(files)) == "library"


def test_screens_of_a_terminal_are_no_events_from_outside(reviewed: Callable[..., Reviewed]) -> None:
    screen = """
        from textual.app import App
        class Chat(App[None]):
            def on_mount(self) -> None: ...
            def on_key(self) -> None: ...
            def on_click(self) -> None: ...
            def on_resize(self) -> None: ...
        """
    main = "import click\nfrom chat.screen import Chat\n@click.command()\ndef main(): Chat().run()"
    assert kind(reviewed({"chat/__init__.py": "", "chat/screen.py": screen, "chat/cli.py": main})) == "tool"


def test_resources_of_falcon_are_endpoints(reviewed: Callable[..., Reviewed]) -> None:
    resources = """
        import falcon
        class Orders:
            def on_get(self, req, resp): resp.media = []
            def on_post(self, req, resp): resp.media = {}
            def on_get_one(self, req, resp, number): resp.media = {}
            def total(self): return 0
        def create():
            app = falcon.App()
            app.add_route("/orders", Orders())
            app.add_route("/orders/{number}", Orders(), suffix="one")
            return app
        """
    review, _ = reviewed({"shop/__init__.py": "", "shop/api.py": resources})
    assert {figure.id: figure.value for figure in review.figures}["endpoints-falcon"] == "3 of 3 (100 %)"


def test_modules_are_resources_of_falcon(reviewed: Callable[..., Reviewed]) -> None:
    answers = "def on_get(req, resp): resp.media = []\ndef on_post(req, resp): resp.media = {}\ndef total(): return 0"
    routes = "def init(app):\n    from shop import orders\n    app.add_route('/orders', orders)"
    made = (
        "import falcon\nfrom shop import api\ndef create():\n    app = falcon.App()\n    api.init(app)\n    return app"
    )
    files = {"shop/__init__.py": "", "shop/orders.py": answers, "shop/api.py": routes, "shop/app.py": made}
    review, _ = reviewed(files)
    assert {figure.id: figure.value for figure in review.figures}["endpoints-falcon"] == "2 of 2 (100 %)"


def test_pages_of_pyramid_are_named_where_views_are_configured(reviewed: Callable[..., Reviewed]) -> None:
    def views(template: str) -> str:
        view = "@view_config(route_name='page{n}', renderer='{template}')\ndef page{n}(request): return {{}}\n"
        return "from pyramid.view import view_config\n" + "".join(view.format(n=n, template=template) for n in range(9))

    assert kind(reviewed({"site/__init__.py": "", "site/views.py": views("site:templates/page.html")})) == "full-stack"
    assert kind(reviewed({"site/__init__.py": "", "site/views.py": views("json")})) == "api"


def test_a_function_that_is_called_like_one_that_renders(reviewed: Callable[..., Reviewed]) -> None:
    service = "def render(args): return {'items': [], 'total': 0, **args}"
    routes = "".join(f"@app.get('/{n}')\ndef list{n}(): return service.render({{}})\n" for n in range(9))
    made = f"from flask import Flask\nfrom shop import service\napp = Flask(__name__)\n{routes}"
    assert kind(reviewed({"shop/__init__.py": "", "shop/service.py": service, "shop/web.py": made})) == "api"


def test_scripts_that_lie_in_packages(reviewed: Callable[..., Reviewed]) -> None:
    script = "def solve(): return 1\nif __name__ == '__main__':\n    print(solve())"
    files = {f"sorts/sort{number}.py": script for number in range(40)} | {"sorts/__init__.py": ""}
    review, _ = reviewed(files)
    assert (review.factors["kind"].value, review.factors["lifetime"].value) == ("tool", "one-off")


def test_a_bot_with_one_page_that_says_that_it_lives(reviewed: Callable[..., Reviewed]) -> None:
    listeners = "".join(f"    @commands.Cog.listener()\n    async def on_{n}(self, event): ...\n" for n in range(6))
    health = "from flask import Flask\napp = Flask(__name__)\n@app.get('/')\ndef alive(): return 'ok'\n"
    cog = f"from discord.ext import commands\nclass Chat(commands.Cog):\n{listeners}"
    review, _ = reviewed({"bot/__init__.py": "", "bot/health.py": health, "bot/chat.py": cog})
    assert review.factors["kind"].value == "worker"
    assert not any(verdict.decision == "framework" for verdict in review.verdicts)


def test_a_library_with_a_project_that_shows_it(reviewed: Callable[..., Reviewed]) -> None:
    files = {
        "panels/urls.py": "from django.urls import path\nfrom panels.views import show\nurlpatterns = [path('', show)]",
        "panels/views.py": "from django.shortcuts import render\ndef show(request): return render(request, 'a.html')",
        "example/manage.py": "from django.core.management import execute_from_command_line\nimport panels",
        "example/settings.py": "ROOT_URLCONF = 'example.urls'",
        **{f"panels/part{number}.py": "" for number in range(20)},
    }
    assert kind(reviewed({"panels/__init__.py": ""} | files)) == "library"


def test_an_example_that_takes_a_part_of_a_service(reviewed: Callable[..., Reviewed]) -> None:
    made = "from fastapi import FastAPI\n{}\napp = FastAPI()\n@app.get('/')\nasync def find(): return []"
    files = {"server/main.py": made.format("from services.store import load"), "services/store.py": "def load(): ..."}
    example = {"examples/memory/main.py": made.format("from services.store import load")}
    assert kind(reviewed(files | example)) == "simple"


def test_views_that_a_decorator_of_the_program_renders(reviewed: Callable[..., Reviewed]) -> None:
    decorators = """
        from flask import render_template
        def templated(name):
            def around(view):
                def shown(*args):
                    return render_template(name, **view(*args))
                return shown
            return around
        """
    views = "".join(f"@app.get('/{n}')\n@templated('{n}.html')\ndef page{n}(): return {{}}\n" for n in range(6))
    made = f"from flask import Flask\nfrom site_.decorators import templated\napp = Flask(__name__)\n{views}"
    files = {"site_/__init__.py": "", "site_/decorators.py": decorators, "site_/web.py": made}
    assert kind(reviewed(files)) == "full-stack"


def test_layers_that_modules_are_called_by_with_their_feature(reviewed: Callable[..., Reviewed]) -> None:
    parts = {
        f"app/{name}/{layer}_{name}.py": "def find(): ..."
        for name in ("cart", "stock", "users")
        for layer in ("endpoints", "cruds", "models")
    }
    review, _ = reviewed(
        {"app/__init__.py": ""} | {f"app/{n}/__init__.py": "" for n in ("cart", "stock", "users")} | parts
    )
    assert review.factors["areas"].value == "yes"


def test_threads_that_are_classes_work_beside_requests(reviewed: Callable[..., Reviewed]) -> None:
    made = "from flask import Flask\napp = Flask(__name__)\n@app.get('/')\ndef find(): return ''\n"
    worker = "import threading\nclass Scanner(threading.Thread):\n    def run(self): ..."
    files = {"shop/__init__.py": "", "shop/web.py": made, "shop/scan.py": worker, "shop/post.py": worker}
    taken = {verdict.decision: verdict.taken for verdict in reviewed(files)[0].verdicts}
    assert "threads of its own" in taken["background"]


def test_what_only_an_example_serves(reviewed: Callable[..., Reviewed]) -> None:
    cached = """
        def cached(function):
            async def wrapper(*args): return await function(*args)
            return wrapper
        """
    example = """
        from aiohttp import web
        from caching import cached
        @cached
        async def find(request): return web.Response()
        app = web.Application()
        app.router.add_get("/", find)
        """
    review, _ = reviewed({"caching/__init__.py": cached, "examples/serve.py": example})
    assert not any(figure.id.startswith("endpoints") for figure in review.figures)


def test_views_that_leave_all_to_their_bases_count_for_their_framework(reviewed: Callable[..., Reviewed]) -> None:
    views = "from django.views.generic import ListView\n" + "".join(f"class List{n}(ListView): ...\n" for n in range(9))
    site = f"{views}from django.urls import path\ndef home(request): ...\nurlpatterns = [path('', home)]"
    service = "from fastapi import FastAPI\napp = FastAPI()\n" + "".join(
        f"@app.get('/{n}')\ndef find{n}(): ...\n" for n in range(3)
    )
    review, _ = reviewed({"shop/__init__.py": "", "shop/views.py": site, "shop/service.py": service})
    assert review.factors["existing"].value == "django"


def test_an_example_that_a_package_holds_is_a_part_of_it(reviewed: Callable[..., Reviewed]) -> None:
    factory = (
        "import flask\nfrom shop.pages import pages\ndef create():\n    app = flask.Flask(__name__)\n    return app"
    )
    shown = "import flask\nfrom shop.pages import pages\napp = flask.Flask(__name__)"
    package = {"shop/__init__.py": factory, "shop/pages.py": ROUTES, "shop/examples/__init__.py": ""}
    assert kind(reviewed(package | {"shop/examples/first.py": shown})) == "simple"
    assert kind(reviewed(package | {"examples/first.py": shown})) == "library"


def test_a_distribution_below_a_name_that_others_share(reviewed: Callable[..., Reviewed]) -> None:
    """Its package lies in a folder of no package (PEP 420), and what it imports of itself is no library of others."""
    names = [f"Part{n}" for n in range(12)]
    files = {
        "pyproject.toml": "[project]\nname = 'karton-core'\n[project.scripts]\nkarton = 'karton.core.main:main'\n",
        "karton/core/__init__.py": "".join(f"from karton.core.parts import {name}\n" for name in names),
        "karton/core/parts.py": "\n".join(f"class {name}: pass" for name in names),
        "karton/core/main.py": "from karton.core import Part1\ndef main() -> None: pass",
    }
    review, _ = reviewed(files)
    assert review.factors["kind"].value == "library"
    assert review.factors["jobs"].value == "none"


def test_tasks_of_an_example_make_no_worker(reviewed: Callable[..., Reviewed]) -> None:
    tasks = "from celery import shared_task\n" + "".join(f"@shared_task\ndef add{n}(): pass\n" for n in range(4))
    package = {"sums/__init__.py": "from sums.plain import add\n", "sums/plain.py": "def add() -> None: pass"}
    assert kind(reviewed(package | {"examples/queue/tasks.py": tasks})) == "library"
    assert kind(reviewed(package | {"sums/tasks.py": tasks})) == "worker"
