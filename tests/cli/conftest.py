"""The command, run on a stand-in for the engine."""

import sys
from pathlib import Path
from types import ModuleType

import pytest
from stand_in import SOURCE, Engine, Run

from archwise.cli.main import run


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Engine:
    engine = Engine(tmp_path)
    module = ModuleType("archwise.check")
    module.check = engine.check  # type: ignore[attr-defined]
    module.discover = engine.discover  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "archwise.check", module)
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "FORCE_COLOR", "ARCHWISE_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "app.py").write_text(SOURCE)
    return engine


@pytest.fixture
def archwise(capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*arguments: str) -> tuple[int, str, str]:
        code = run(arguments)
        out, err = capsys.readouterr()
        return code, out, err

    return call
