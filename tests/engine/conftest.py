"""A project on disk, checked in this process or by the command."""

import sys
from pathlib import Path

import hypothesis
import pytest
from project import Project

hypothesis.settings.register_profile("same-every-time", derandomize=True, database=None, deadline=None)
hypothesis.settings.load_profile("same-every-time")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path / "project")


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    for name in ("NO_COLOR", "FORCE_COLOR", "ARCHWISE_DEBUG"):
        monkeypatch.delenv(name, raising=False)


def pytest_report_header() -> str:
    return f"source is parsed by Python {sys.version_info[0]}.{sys.version_info[1]}"
