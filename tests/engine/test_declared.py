"""What a project needs always and for an extra, and the commands that it installs, wherever it says so."""

import pytest

from archwise.engine.declared import declared
from archwise.engine.projectfiles import ProjectFiles

PROJECT = """
[project]
name = "tidy"
dependencies = ["urllib3>=1.23,<3"]
[project.optional-dependencies]
server = ["Flask>=2.2", "flask_wtf"]
[project.scripts]
tidy = "tidy.cli:main"
"""
POETRY = """
[tool.poetry.dependencies]
python = "^3.11"
urllib3 = "^2"
flask = { version = "^3", optional = true }
[tool.poetry.extras]
server = ["flask"]
[tool.poetry.scripts]
tidy = "tidy.cli:main"
"""
SETUP_CFG = """
[options]
install_requires =
    urllib3
[options.extras_require]
server =
    flask>=3; python_version > "3.8"
all = %(server)s
[options.entry_points]
console_scripts =
    tidy = tidy.cli:main
"""
SETUP_PY = """
from setuptools import setup
extras = {"server": ["flask>=3"]}
setup(name="tidy", install_requires=["urllib3"], extras_require=extras,
      entry_points={"console_scripts": ["tidy=tidy.cli:main"]})
"""
SETUP_PY_WITH_TEXT = SETUP_PY.replace(
    'entry_points={"console_scripts": ["tidy=tidy.cli:main"]})',
    'entry_points="""\n        [console_scripts]\n        tidy=tidy.cli:main\n    """)',
)


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("pyproject.toml", PROJECT),
        ("pyproject.toml", POETRY),
        ("setup.cfg", SETUP_CFG),
        ("setup.py", SETUP_PY),
        ("setup.py", SETUP_PY_WITH_TEXT),
    ],
)
def test_a_framework_that_comes_with_an_extra(file: str, text: str) -> None:
    found = declared({file: text})
    assert found is not None
    assert found.only_with_extra(["flask", "quart"])
    assert not found.only_with_extra(["flask", "urllib3"])
    assert not found.only_with_extra(["django"])
    assert found.commands == {"tidy.cli"}


def test_names_are_compared_as_an_index_does() -> None:
    found = declared({"pyproject.toml": PROJECT})
    assert found is not None
    assert found.only_with_extra(["Flask.WTF"])


@pytest.mark.parametrize(
    "texts",
    [
        {},
        {"pyproject.toml": "[project]\nname = 'tidy'\ndynamic = ['dependencies']\n"},
        {"pyproject.toml": "[tool.ruff]\nline-length = 120\n"},
        {"pyproject.toml": "not toml"},
        {"setup.cfg": "[options]\npackages = find:\n"},
        {"setup.cfg": "no section"},
        {"setup.py": "setup(install_requires=open('requirements.txt').readlines())"},
        {"setup.py": "setup("},
    ],
)
def test_what_is_needed_is_not_told(texts: dict[str, str]) -> None:
    assert declared(texts) is None


def test_the_nearest_project_that_says_is_asked() -> None:
    other = PROJECT.replace("urllib3>=1.23,<3", "flask")
    files = ProjectFiles({"pyproject.toml": PROJECT, "server/pyproject.toml": other, "server/web/setup.cfg": ""})
    inner, outer = files.declared("server/web/app.py"), files.declared("tidy/cli.py")
    assert inner is not None
    assert not inner.only_with_extra(["flask"])
    assert outer is not None
    assert outer.only_with_extra(["flask"])


def test_what_others_could_ask_for_is_not_installed_by_a_lock_file() -> None:
    lock = '[[package]]\nname = "pluggy"\n[package.extras]\ntests = ["pytest-django"]\n'
    assert not ProjectFiles({"poetry.lock": lock}).mentions("pytest-django")
    assert ProjectFiles({"poetry.lock": lock}).mentions("pluggy")
    assert ProjectFiles({"Pipfile.lock": '{"develop": {"pytest_django": {}}}'}).mentions("pytest-django")
    assert ProjectFiles({"requirements.txt": "pytest-django>=4\n"}).mentions("pytest-django")
