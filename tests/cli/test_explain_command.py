"""``archwise explain``, ``archwise rules`` and ``archwise version``."""

import json
import platform
import subprocess
import sys
from importlib.metadata import version

import pytest
from stand_in import Run

from archwise.rules import RULES


def test_a_rule_by_code_or_name(archwise: Run) -> None:
    code, out, err = archwise("explain", "aw201")
    assert (code, err) == (0, "")
    assert out == archwise("explain", "blocking-call-on-event-loop")[1] == RULES[2].markdown()
    assert out.startswith("# blocking-call-on-event-loop (AW201)\n\nA call that waits")


def test_for_programs(archwise: Run) -> None:
    [rule] = json.loads(archwise("explain", "AW208", "--output-format", "json")[1])
    assert (rule["code"], rule["default"], rule["advice"], rule["status"]) == ("AW208", False, True, "preview")
    assert rule["markdown"].startswith("# sequential-awaits-in-loop (AW208)")


def test_on_a_terminal(archwise: Run) -> None:
    out = archwise("explain", "AW201", "--color", "always")[1]
    assert "\x1b[" in out
    assert "## What" not in out


def test_the_list(archwise: Run) -> None:
    code, out, _ = archwise("rules")
    assert code == 0
    assert out.splitlines()[2].split() == ["AW201", "blocking-call-on-event-loop", "error"]
    assert out.splitlines()[9].split() == ["AW208", "sequential-awaits-in-loop", "info", "(off", "unless", "selected)"]
    assert [rule["code"] for rule in json.loads(archwise("rules", "--output-format", "json")[1])] == [
        rule.code for rule in RULES
    ]


def test_the_version(archwise: Run) -> None:
    banner = f"archwise {version('archwise')} (Python {platform.python_version()})\n"
    assert archwise("version") == archwise("--version") == (0, banner, "")


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("archwise explain AW20", [rule.code for rule in RULES if rule.code.startswith("AW20")]),
        ("archwise explain seq", ["sequential-awaits-in-loop"]),
        ("archwise explain G2.", [f"G2.{number}" for number in range(1, 8)]),
        ("archwise explain frame", ["framework"]),
        ("archwise decide --set team", ["team-async="]),
        ("archwise decide --what-if team-async=", ["team-async=yes", "team-async=no"]),
        ("archwise check --select AW201,aw00", ["AW201,AW001", "AW201,AW002"]),
        ("archwise e", ["explain"]),
    ],
)
def test_the_shell_completes(words: str, offered: list[str]) -> None:
    count = str(len(words.split()) - 1)
    environment = {"_ARCHWISE_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": count}
    program = "from archwise.cli.main import main; main()"
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False)
    assert done.stdout.splitlines() == [f"plain,{word}" for word in offered]


def test_help_is_light() -> None:
    heavy = "{'rich', 'tomllib', 'json', 'asyncio', 'archwise.rules', 'archwise.report', 'archwise.settings'}"
    program = f"import sys, archwise.cli.main, archwise.cli.check; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
