"""What is passed over, because its names tell of no query, has nothing to do with any: it is quicker, and no more."""

from pathlib import Path
from unittest.mock import patch

from test_doors import ALL

from archwise.check import check
from archwise.engine.orm.reads import _FINDERS
from archwise.engine.orm.signs import ALWAYS
from archwise.engine.orm.telling import Telling
from archwise.engine.program import Code
from archwise.settings import Settings

RULES = ("AW501", "AW502", "AW503", "AW504", "AW505", "AW507")


def every_operation(_: Telling, code: Code) -> tuple[tuple[int, int], ...]:
    return tuple((index, ALWAYS) for index, op in enumerate(code.scope.ops) if type(op) in _FINDERS)


def test_looking_at_every_operation_finds_no_more(tmp_path: Path) -> None:
    for number, section in enumerate(ALL):
        if not set(section.select).isdisjoint(RULES):
            section.write(tmp_path / f"project{number}")
    (tmp_path / "pyproject.toml").touch()
    settings = Settings(select=RULES, severity="info", root=tmp_path, cache=False)
    found = check([tmp_path], settings).findings
    with patch.object(Telling, "operations", every_operation):
        assert check([tmp_path], settings).findings == found
    assert len(found) > 40
