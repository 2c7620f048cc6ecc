"""The libraries that a program uses and no facts speak of, as they are installed in an environment."""

import importlib.metadata
from collections.abc import Iterable
from pathlib import Path

import msgspec

from archwise.knowledge.loader import available

_PLACES = ("lib/python3.*/site-packages", "Lib/site-packages")


class Installed(msgspec.Struct, frozen=True):
    """A package of an environment: where its source is, and what it was installed as."""

    path: Path
    name: str
    version: str

    @property
    def root(self) -> str:
        """The name it is imported by."""
        return self.path.stem


def site_packages(folder: Path) -> Path | None:
    """Where a virtual environment keeps its packages; None where the folder is no such environment."""
    return next((found for place in _PLACES for found in sorted(folder.glob(place))), None)


def undescribed(site: Path, imported: Iterable[str]) -> list[Installed]:
    """The packages, of those that are imported by these names, that are installed and that no facts speak of."""
    wanted = set(imported) - available()
    found: dict[str, Installed] = {}
    for distribution in importlib.metadata.distributions(path=[str(site)]):
        for root in sorted(_roots(distribution) & wanted):
            for path in (site / root, site / f"{root}.py"):
                if (path / "__init__.py").is_file() or (path.suffix and path.is_file()):
                    found[root] = Installed(path, distribution.metadata["Name"], distribution.version)
    return [found[root] for root in sorted(found)]


def _roots(distribution: importlib.metadata.Distribution) -> set[str]:
    """The first names of the modules that a distribution has installed."""
    return {file.parts[0].removesuffix(".py") for file in distribution.files or () if file.suffix == ".py"}
