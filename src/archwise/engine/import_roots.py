"""Below which folders imports start: where Python would look names up, told by what the program imports."""

from __future__ import annotations

import functools
import sys
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from archwise.engine import ir

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archwise.engine.program import Module, Program


class _Imports(NamedTuple):
    """What a program's imports name: parts of dotted names, paths of two parts or more, and what is named by dots."""

    named: frozenset[str]
    paths: frozenset[str]
    relative: frozenset[str]


class ImportRoots:
    """Finds the module that an absolute import means."""

    def __init__(self, program: Program) -> None:
        self._program = program

    @functools.cached_property
    def _tops(self) -> dict[str, dict[str, list[str]]]:
        """The folders that an import may start below, by the first names there and by each folder they lie in."""
        found: dict[str, dict[str, list[str]]] = {}
        for name in sorted({*self._program.modules, *self._program.folders}):
            folder, _, last = name.rpartition(".")
            if last and (folder not in self._program.packages or folder in self._run_from):
                if last in sys.stdlib_module_names and folder not in ("", "src"):
                    continue
                around = found.setdefault(last, {})
                for outer in _upward(folder):
                    around.setdefault(outer, []).append(folder)
        return found

    @functools.cached_property
    def _run_from(self) -> frozenset[str]:
        """The packages that programs are started in: their modules import one another as if there was no package.

        None of them names the package relatively, which shows that the folder is the import root. Where some name it
        absolutely, others are scripts beside them, of which one imports several of the modules as if there was none.
        """
        inside: dict[str, list[Module]] = {}
        for module in self._program.modules.values():
            if package := self._outermost(module):
                inside.setdefault(package, []).append(module)
        return frozenset(package for package, modules in inside.items() if self._is_run_from(package, modules))

    def _outermost(self, module: Module) -> str:
        """The package that a module lies in, and that lies in none; empty where there is none."""
        parts = module.name.split(".")
        prefixes = (".".join(parts[:end]) for end in range(1, len(parts) + 1))
        return next((prefix for prefix in prefixes if prefix in self._program.packages), "")

    def are_apart(self, one: Module, other: Module) -> bool:
        """Whether two modules lie in packages of one name that hold the same: Python imports the one or the other."""
        mine, theirs = self._copied.get(one), self._copied.get(other)
        return mine is not None and theirs is not None and mine != theirs and _last(mine) == _last(theirs)

    @functools.cached_property
    def _copied(self) -> dict[Module, str]:
        """The modules of packages of which another one has the name, and a module of the same: each with its package.

        Those that share no module are parts of one package.
        """
        inside: dict[str, dict[str, list[Module]]] = {}
        for module in self._program.modules.values():
            if package := self._outermost(module):
                inside.setdefault(_last(package), {}).setdefault(package, []).append(module)
        found: dict[Module, str] = {}
        for packages in inside.values():
            held = Counter(
                module.name.removeprefix(package)
                for package, modules in packages.items()
                for module in modules
                if module.name != package
            )
            if len(packages) > 1 and max(held.values(), default=0) > 1:
                found.update((module, package) for package, modules in packages.items() for module in modules)
        return found

    def _is_run_from(self, package: str, modules: list[Module]) -> bool:
        tops = {top for module in modules for top in module.summary.imports}
        siblings = {
            top for top in tops if top not in sys.stdlib_module_names and self._program.exists(f"{package}.{top}")
        }
        if not siblings:
            return False
        imports = [(each, op) for each in modules for code in each.codes for _, op in code.operations(ir.Import)]
        if any(op.level and _reaches(importer, op.level, package) for importer, op in imports):
            return False
        given = [
            (importer, op)
            for importer, op in imports
            if op.module.partition(".")[0] in siblings and self._gives(f"{package}.{op.module}", op, importer)
        ]
        if _last(package) in tops:
            taken = {(importer, op.module) for importer, op in given if op.name}
            return max(Counter(importer for importer, _ in taken).values(), default=0) > 1
        # One module that is imported as a whole may have the name of a library, and a function called like one of its.
        return any(op.name or "." in op.module for _, op in given) or len({op.module for _, op in given}) > 1

    def _gives(self, target: str, op: ir.Import, importer: Module) -> bool:
        """Whether an import is of what a module defines, rather than of a library of that name which it uses itself."""
        module = self._program.modules.get(target)
        if module is None or module is importer or op.module.partition(".")[0] in module.summary.imports:
            return False
        return "." in op.module or (op.name or _read_of(op.module, importer)) in module.code.scope.bindings

    def find(self, folder: str, dotted: str) -> str | None:
        """What an absolute name means for code in ``folder``: below the nearest import root that has its first part.

        What is no package only counts where it has all of the name: others may lend a folder the rest, and a module
        beside its namesake (``channel/channel.py``) has nothing below it. A folder comes after what is as near.
        """
        top = dotted.partition(".")[0]
        candidates = self._tops.get(top, {})
        best: tuple[bool, int, bool, int, str] | None = None
        for outer in _upward(folder):
            for candidate in candidates.get(outer, ()):
                inside = candidate == folder or self._program.is_in_package(candidate)
                if candidate and inside and candidate not in self._run_from and self._imported_as_package(candidate):
                    continue
                if not inside and not f"{folder}.".startswith(f"{candidate}.") and self._is_named_below(candidate):
                    continue
                above = f"{candidate}." if candidate else ""
                is_folder = above + top not in self._program.modules
                partial = above + top not in self._program.packages and not self._program.exists(above + dotted)
                rank = (partial, -_shared(candidate, folder), is_folder, candidate.count("."), above)
                best = rank if best is None or rank < best else best
            if best is not None and not best[0]:
                break  # all others share less with the folder
        return None if best is None else best[-1] + dotted

    def _imported_as_package(self, folder: str) -> bool:
        """Whether some import names the folder itself, so that it is a package and no import root.

        In a folder that holds a package of its own name, it is that package which is named.
        """
        named, relative = self._imports.named, self._imports.relative
        name = _last(folder)
        if (name in named and f"{folder}.{name}" not in self._program.packages) or folder in relative:
            return True
        is_checked = "." not in folder  # the folder that is checked holds packages, and is none that says so nowhere
        return not is_checked and folder not in self._run and any(name.startswith(f"{folder}.") for name in relative)

    def _is_named_below(self, folder: str) -> bool:
        """Whether imports name a folder behind those it lies in: to those outside it, that is its only name."""
        parts = folder.split(".")
        return any(".".join(parts[start:]) in self._imports.paths for start in range(len(parts) - 1))

    @functools.cached_property
    def _run(self) -> frozenset[str]:
        """The folders that Python puts on its path, as a script in them is run."""
        return frozenset(module.name.rpartition(".")[0] for module in self._program.modules.values() if module.has_main)

    @functools.cached_property
    def _imports(self) -> _Imports:
        named: set[str] = set()
        paths: set[str] = set()
        relative: set[str] = set()
        for module in self._program.modules.values():
            for code in module.codes:
                for _, op in code.operations(ir.Import):
                    if op.level:
                        above = module.name.split(".")[: -1 if not module.is_package else None]
                        relative.update(
                            ".".join(above[:count]) for count in range(len(above), len(above) - op.level, -1)
                        )
                    else:
                        parts = op.module.split(".")
                        named.update(parts[self._is_namesake(module, parts[0]) :])
                        paths.update(".".join(parts[:end]) for end in range(2, len(parts) + 1))
        return _Imports(frozenset(named), frozenset(paths), frozenset(relative))

    def _is_namesake(self, importer: Module, name: str) -> bool:
        """Whether a module has the name of the folder that it and the importer lie in: that is what is imported."""
        folder = importer.name.rpartition(".")[0]
        return folder.rpartition(".")[2] == name and f"{folder}.{name}" in self._program.modules


def _reaches(importer: Module, level: int, package: str) -> bool:
    """Whether a relative import names a package: those below it that stay among themselves say nothing of it."""
    above = importer.name.split(".")[: None if importer.is_package else -1]
    return len(above) - level + 1 <= package.count(".") + 1


def _last(name: str) -> str:
    return name.rpartition(".")[2]


def _upward(folder: str) -> Iterator[str]:
    """A folder and those that it lies in, up to the one that all lie in."""
    yield folder
    while folder:
        folder = folder.rpartition(".")[0]
        yield folder


def _shared(one: str, other: str) -> int:
    count = 0
    for left, right in zip(one.split("."), other.split("."), strict=False):
        if left != right:
            break
        count += 1
    return count


def _read_of(module: str, importer: Module) -> str:
    """The first name that is read of a module which is imported as a whole; empty where none is."""
    for code in importer.codes:
        for _, op in code.operations(ir.Attribute):
            base = code.scope.ops[op.value]
            if isinstance(base, ir.Name) and base.id == module:
                return op.name
    return ""
