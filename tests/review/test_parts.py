"""Which packages a map shows, where there are neither layers nor features."""

from archwise.engine.extract import summarise
from archwise.engine.program import Module, Program
from archwise.review.parts import packages


def parts(*paths: str) -> dict[str, int]:
    """How many modules each part has, of a program of empty files."""
    program = Program(dict.fromkeys(paths, summarise(b"")))
    names: dict[Module, str] = {module: name for name, module in program.modules.items()}
    return {part: len(modules) for part, modules in packages(names).items()}


def test_the_package_that_holds_all_is_no_part() -> None:
    found = parts("shop/__init__.py", "shop/a/__init__.py", "shop/a/x.py", "shop/b/__init__.py", "shop/b/y.py")
    assert found == {"a": 2, "b": 2}


def test_modules_beside_the_packages_are_one_part() -> None:
    beside = [f"shop/{name}.py" for name in ("one", "two", "three")]
    assert parts("shop/__init__.py", *beside, "shop/a/__init__.py", "shop/b/__init__.py") == {"*": 3, "a": 1, "b": 1}


def test_modules_without_packages_stand_each_for_itself() -> None:
    assert parts("jwt/__init__.py", "jwt/api.py", "jwt/keys.py") == {"api": 1, "keys": 1}


def test_of_a_package_that_holds_most_its_own_packages_are_shown_the_largest_each() -> None:
    inner = [f"home/parts/p{number:02}/{name}.py" for number in range(30) for name in ("__init__", "sensor")]
    found = parts("home/__init__.py", "home/core.py", "home/util/__init__.py", "home/parts/__init__.py", *inner)
    assert found["util"] == 1
    assert found["parts.p00"] == 2
    assert sum(found.values()) == 63
    assert found["parts, others"] == 61 - 2 * 11
    assert len(found) == 2 + 12
