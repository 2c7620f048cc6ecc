"""What a library's source shows becomes facts, and those facts are used."""

import json
from pathlib import Path

import pytest

from archwise.cli.main import run
from archwise.derive.derive import Derived, derive
from archwise.derive.package import analysed
from archwise.derive.write import as_json
from archwise.knowledge.loader import parse
from archwise.knowledge.schema import Class, File, Function, Library

ACME = {
    "__init__.py": "from acme._client import Client, connect\n",
    "_client.py": """
import requests
import subprocess
import time

from acme.orders import Orders


class Client:
    def __init__(self, token: str, verify: bool = False) -> None:
        self.token = token
        self.orders = Orders(self)
        if verify:
            self.ping()

    def ping(self) -> None:
        self.request("GET", "/ping")

    def request(self, method: str, path: str) -> bytes:
        response = requests.request(method, "https://acme.example" + path, timeout=5)
        if response.status_code == 429:
            time.sleep(1)
        return response.content

    def cached(self, path: str) -> bytes:
        if path not in self.pages:
            self.pages[path] = self.request("GET", path)
        return self.pages[path]

    def url(self, path: str) -> str:
        return "https://acme.example" + path

    def _private(self) -> None:
        requests.get("https://acme.example")

    async def arequest(self, path: str) -> bytes:
        return b""


def connect(token: str) -> Client:
    return Client(token)


def optimise(path: str, again: bool = False) -> None:
    if again:
        subprocess.run(["acme", path])
""",
    "orders.py": """
class Order:
    number: int


class Orders:
    def __init__(self, client: "acme._client.Client") -> None:
        self._client = client

    def find(self, number: int) -> Order:
        self._client.request("GET", f"/orders/{number}")
        return Order()
""",
}


@pytest.fixture
def acme(tmp_path: Path) -> Path:
    package = tmp_path / "acme"
    package.mkdir()
    for name, text in ACME.items():
        (package / name).write_text(text, encoding="utf-8")
    return package


@pytest.fixture
def facts(acme: Path) -> Derived:
    return derive(analysed(acme), "acme")


def class_(facts: Derived, name: str) -> Class:
    return next(cls for cls in facts.class_ if cls.name == name)


def test_methods_that_wait_are_told_by_kind(facts: Derived) -> None:
    assert class_(facts, "acme.Client").blocks == {"network": ("cached", "ping", "request")}


def test_what_a_condition_decides_is_likely(facts: Derived) -> None:
    assert class_(facts, "acme.Client").likely == ("cached",)


def test_what_does_not_happen_by_default_is_left_out(facts: Derived) -> None:
    assert class_(facts, "acme.Client").init is None
    assert not [function for function in facts.function if "acme._client.optimise" in function.names]


def test_a_class_goes_by_the_name_that_people_import(facts: Derived) -> None:
    assert class_(facts, "acme.Client").aliases == ("acme._client.Client",)


def test_what_leads_to_something_that_waits_is_kept_and_nothing_else(facts: Derived) -> None:
    assert class_(facts, "acme.Client").attributes == {"orders": "acme.orders.Orders"}
    assert class_(facts, "acme.orders.Orders").blocks == {"network": ("find",)}
    assert [cls.name for cls in facts.class_] == ["acme.Client", "acme.orders.Orders"]
    assert facts.function == (Function(("acme.connect", "acme._client.connect"), returns="acme.Client"),)


def test_a_coroutine_function_waits_for_nothing(facts: Derived) -> None:
    assert class_(facts, "acme.Client").coroutines == ("arequest",)


def test_facts_that_are_written_are_read_as_they_were(facts: Derived) -> None:
    file = File(Library("acme-client", "its source"), function=facts.function, class_=facts.class_)
    assert parse(as_json(file), "acme.json") == file


def test_a_project_uses_what_the_command_has_written(acme: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = acme.parent / "project"
    project.mkdir()
    (project / "pyproject.toml").write_text('[tool.archwise]\nknowledge = ["acme.json"]\ncache = false\n')
    (project / "jobs.py").write_text(
        "import acme\n\n\nasync def sync(token: str) -> None:\n"
        "    client = acme.connect(token)\n    client.orders.find(1)\n    client.cached('/x')\n    client.url('/x')\n"
    )
    assert run(["facts", str(acme), "--output-file", str(project / "acme.json")]) == 0
    capsys.readouterr()
    assert run(["check", str(project), "--output-format", "json"]) == 1
    found = json.loads(capsys.readouterr().out)["findings"]
    assert [(f["rule"], f["line"], f["confidence"]) for f in found] == [("AW201", 6, "certain"), ("AW201", 7, "likely")]


def test_an_environment_is_searched_for_what_the_project_imports(
    acme: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site = acme.parent / ".venv/lib/python3.12/site-packages"
    for name, version in (("acme", "1.4"), ("unused", "1.0"), ("requests", "2.0"), ("shop", "0.1")):
        (site / f"{name}-{version}.dist-info").mkdir(parents=True)
        (site / f"{name}-{version}.dist-info/METADATA").write_text(f"Name: {name}-client\nVersion: {version}\n")
        (site / f"{name}-{version}.dist-info/RECORD").write_text(f"{name}/__init__.py,,\n")
        if name != "acme":
            (site / name).mkdir()
            (site / name / "__init__.py").write_text("import time\n\ndef wait():\n    time.sleep(1)\n")
    acme.rename(site / "acme")
    project = acme.parent / "project"
    project.mkdir()
    (project / "jobs.py").write_text("import acme\nimport requests\nimport shop\n")
    (project / "src/shop").mkdir(parents=True)
    (project / "src/shop/__init__.py").touch()
    assert run(["facts", str(acme.parent / ".venv"), "--project", str(project)]) == 0
    written = json.loads(capsys.readouterr().out)
    assert written["library"]["name"] == "acme-client 1.4"
    assert [cls["name"] for cls in written["class"]] == ["acme.Client", "acme.orders.Orders"]


@pytest.mark.parametrize("given", ["nowhere", "."])
def test_what_is_no_package_is_refused(
    given: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["facts", given]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_json_that_is_no_knowledge_file_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.archwise]\nknowledge = ["facts.json"]\n')
    (tmp_path / "facts.json").write_text('{"class": []}')
    (tmp_path / "a.py").write_text("")
    assert run(["check", str(tmp_path)]) == 2
    assert capsys.readouterr().err.startswith("archwise: facts.json: ")
