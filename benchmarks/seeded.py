"""Plant blocking calls where an independent, simple analysis proves that the event loop runs them; count those found.

    python benchmarks/seeded.py --corpora DIR --only prefect --only letta

A seed is the first statement of an undecorated, synchronous function that an async function reaches in at most three
plain calls: ``helper()`` of the same module or imported from another by name, ``self.method()`` of the same class. The
analysis knows nothing of the checker. Seeds are planted in a copy; no two share a call in an async function.
"""

from __future__ import annotations

import argparse
import ast
import random
import shutil
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import checker
import corpora

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from checker import Finding

DEEPEST = 3
SKIPPED = {"tests", "test", "testing", "migrations", "alembic", "examples"}
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
SCOPES = (*FUNCTIONS, ast.Lambda, ast.ClassDef)

Key = tuple[str, str, str]
"""A function: path, class (or an empty string), name."""


@dataclass(frozen=True)
class Blocker:
    name: str
    module: str | None
    call: str


BLOCKERS = (
    Blocker("time.sleep", "time", "{0}.sleep(0.25)"),
    Blocker("requests.get", "requests", '{0}.get("http://localhost:9/", timeout=5)'),
    Blocker("subprocess.run", "subprocess", '{0}.run(["true"], check=False)'),
    Blocker("open().read", None, "open(__file__).read()"),
    Blocker("socket.create_connection", "socket", '{0}.create_connection(("localhost", 9), 1)'),
    Blocker("urllib.request.urlopen", "urllib.request", '{0}.urlopen("http://localhost:9/", timeout=5)'),
)


@dataclass
class Module:
    """What the simple analysis needs of a file."""

    path: str
    tree: ast.Module
    bound: Counter[str] = field(default_factory=Counter)
    imports: dict[str, tuple[str, str]] = field(default_factory=dict)
    functions: dict[tuple[str, str], ast.FunctionDef | ast.AsyncFunctionDef] = field(default_factory=dict)


def own_nodes(function: ast.AST) -> Iterator[ast.AST]:
    """The nodes that run when the function's body does: nothing of nested functions, lambdas and classes."""
    stack = list(getattr(function, "body", []))
    while stack:
        node = stack.pop()
        yield node
        if not isinstance(node, SCOPES):
            stack.extend(ast.iter_child_nodes(node))


def bound_names(nodes: Iterable[ast.AST]) -> Iterator[str]:
    for node in nodes:
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                yield name
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                yield from ((alias.asname or alias.name.split(".")[0]) for alias in names)
            case ast.ExceptHandler(name=str(name)):
                yield name
            case ast.Global(names=names) | ast.Nonlocal(names=names):
                yield from names


def module_nodes(tree: ast.Module) -> Iterator[ast.AST]:
    """Module-level nodes, definitions included but not entered."""
    stack: list[ast.AST] = list(tree.body)
    while stack:
        node = stack.pop()
        yield node
        if not isinstance(node, SCOPES):
            stack.extend(ast.iter_child_nodes(node))


def resolve(path: str, node: ast.ImportFrom, files: set[str]) -> str | None:
    """The file that ``from … import`` names, when it is of the same corpus."""
    parts = path.split("/")[:-1]
    base = parts[: len(parts) - node.level + 1] if node.level else []
    base += node.module.split(".") if node.module else []
    for candidate in ("/".join([*base, "__init__.py"]), "/".join(base) + ".py"):
        if candidate in files:
            return candidate
    return None


def load(root: Path) -> dict[str, Module]:
    sources: dict[str, ast.Module] = {}
    for file in sorted(root.rglob("*.py")):
        path = file.relative_to(root).as_posix()
        if SKIPPED.isdisjoint(path.split("/")) and not file.name.startswith(("test_", "conftest")):
            sources[path] = ast.parse(file.read_bytes())
    files = set(sources)
    # A package hides the module of the same name beside it: that one is dead code.
    sources = {path: tree for path, tree in sources.items() if path.removesuffix(".py") + "/__init__.py" not in files}
    modules = {}
    for path, tree in sources.items():
        module = modules[path] = Module(path, tree)
        for node in module_nodes(tree):
            module.bound.update(bound_names([node]))
            if isinstance(node, ast.ImportFrom) and (target := resolve(path, node, files)):
                module.imports.update({alias.asname or alias.name: (target, alias.name) for alias in node.names})
        for definition in tree.body:
            if isinstance(definition, FUNCTIONS):
                module.functions["", definition.name] = definition
            elif isinstance(definition, ast.ClassDef):
                names = Counter(bound_names(definition.body))
                for method in definition.body:
                    if isinstance(method, FUNCTIONS) and names[method.name] == 1:
                        module.functions[definition.name, method.name] = method
    return modules


def plain(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """A function whose body runs when it is called, all of it and at once."""
    return (
        isinstance(function, ast.FunctionDef)
        and not function.decorator_list
        and not any(isinstance(node, ast.Yield | ast.YieldFrom) for node in own_nodes(function))
        and function.body[0].lineno > function.lineno
    )


def callees(modules: dict[str, Module], key: Key) -> Iterator[tuple[Key, int]]:
    """The functions that a function's body calls by a name with one meaning, and the line of each call."""
    path, owner, name = key
    module = modules[path]
    function = module.functions[owner, name]
    arguments = [*function.args.posonlyargs, *function.args.args]
    local = {a.arg for a in [*arguments, *function.args.kwonlyargs, function.args.vararg, function.args.kwarg] if a}
    local.update(bound_names(own_nodes(function)))
    for node in own_nodes(function):
        if not isinstance(node, ast.Call):
            continue
        match node.func:
            case ast.Name(id=called) if called not in local and module.bound[called] == 1:
                target = module.imports.get(called, (path, called))
                if ("", target[1]) in modules[target[0]].functions and modules[target[0]].bound[target[1]] == 1:
                    yield (target[0], "", target[1]), node.lineno
            case ast.Attribute(value=ast.Name(id=receiver), attr=called) if (
                owner and arguments and receiver == arguments[0].arg and (owner, called) in module.functions
            ):
                yield (path, owner, called), node.lineno


@dataclass
class Candidate:
    key: Key
    hops: int
    entries: set[tuple[str, int]]


def candidates(modules: dict[str, Module]) -> list[Candidate]:
    found: dict[Key, Candidate] = {}
    for path, module in modules.items():
        for (owner, name), function in module.functions.items():
            if not isinstance(function, ast.AsyncFunctionDef):
                continue
            for first, line in callees(modules, (path, owner, name)):
                seen: set[Key] = set()
                layer = [first]
                for hops in range(1, DEEPEST + 1):
                    reached = [
                        key
                        for key in dict.fromkeys(layer)
                        if key not in seen and plain(modules[key[0]].functions[key[1:]])
                    ]
                    seen.update(reached)
                    for key in reached:
                        candidate = found.setdefault(key, Candidate(key, hops, set()))
                        candidate.hops = min(candidate.hops, hops)
                        candidate.entries.add((path, line))
                    layer = [callee for key in reached for callee, _ in callees(modules, key)]
    return sorted(found.values(), key=lambda candidate: candidate.key)


@dataclass(frozen=True)
class Seed:
    candidate: Candidate
    blocker: Blocker
    before: int
    text: tuple[str, ...]

    @property
    def path(self) -> str:
        return self.candidate.key[0]


def plant(modules: dict[str, Module], candidate: Candidate, blocker: Blocker) -> Seed | None:
    """The lines to insert, before which line; None where the built-in is not what it seems."""
    path, owner, name = candidate.key
    module = modules[path]
    if blocker.module is None and (module.bound["open"] or "open" in bound_names(ast.walk(module.tree))):
        return None
    body = module.functions[owner, name].body
    first = body[0]
    is_docstring = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    if is_docstring and len(body) == 1:
        return None
    target = body[1] if is_docstring else first
    before = min([target.lineno, *(decorator.lineno for decorator in getattr(target, "decorator_list", []))])
    if is_docstring and before <= (first.end_lineno or first.lineno):
        return None
    indent = " " * target.col_offset
    # A local import, under a name of its own: the module may use the plain name for something else.
    alias = f"seeded_{blocker.module.split('.')[0]}" if blocker.module else ""
    lines = [f"{indent}import {blocker.module} as {alias}"] if blocker.module else []
    lines.append(indent + blocker.call.format(alias))
    return Seed(candidate, blocker, before, tuple(lines))


def choose(modules: dict[str, Module], count: int, chance: random.Random) -> list[Seed]:
    pool = candidates(modules)
    chance.shuffle(pool)
    seeds: list[Seed] = []
    used: set[tuple[str, int]] = set()
    for candidate in pool:
        if len(seeds) == count:
            break
        if candidate.entries & used:
            continue
        if seed := plant(modules, candidate, chance.choice(BLOCKERS)):
            seeds.append(seed)
            used |= candidate.entries
    return seeds


def sow(root: Path, seeds: Iterable[Seed]) -> dict[str, list[tuple[int, int]]]:
    """Write the seeds; returns, a file, where lines were inserted (before which old line) and how many."""
    shifts: dict[str, list[tuple[int, int]]] = {}
    for seed in seeds:
        shifts.setdefault(seed.path, []).append((seed.before, len(seed.text)))
    for path in shifts:
        file = root / path
        newline = "\r\n" if b"\r\n" in file.read_bytes() else "\n"
        lines = file.read_text(encoding="utf-8").split("\n")
        for seed in sorted((s for s in seeds if s.path == path), key=lambda s: -s.before):
            lines[seed.before - 1 : seed.before - 1] = seed.text
        file.write_text("\n".join(lines), encoding="utf-8", newline=newline)
        ast.parse(file.read_bytes())
    return shifts


def moved(line: int, shifts: list[tuple[int, int]]) -> int:
    return line + sum(count for before, count in shifts if before <= line)


def blocking(findings: Iterable[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.rule in checker.BLOCKING_RULES]


def found_seeds(
    seeds: list[Seed], shifts: dict[str, list[tuple[int, int]]], before: list[Finding], after: list[Finding]
) -> set[int]:
    """A seed is found when a finding's path ends on it, or when a call that leads to it is newly reported."""
    already = {(f.path, moved(f.line, shifts.get(f.path, []))) for f in before}
    places = {(f.path, f.line) for f in after} - already
    hops = {(hop.path, hop.line) for f in after for hop in f.trace} | {(f.path, f.line) for f in after}
    found = set()
    for number, seed in enumerate(seeds):
        planted = moved(seed.before - 1, shifts[seed.path]) + len(seed.text)
        entries = {(path, moved(line, shifts.get(path, []))) for path, line in seed.candidate.entries}
        if (seed.path, planted) in hops or entries & places:
            found.add(number)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    corpora.add_arguments(parser)
    checker.add_arguments(parser)
    parser.add_argument("--count", type=int, default=60, help="seeds a corpus (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of the random choice (default: %(default)s)")
    parser.add_argument("--dry-run", action="store_true", help="plant and print, without running the checker")
    parser.add_argument("--work", type=Path, metavar="DIR", help="where the copies go (default: a temporary folder)")
    arguments = parser.parse_args()

    totals: Counter[str] = Counter()
    hits: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(dir=arguments.work) as folder:
        for corpus, root in corpora.chosen(arguments):
            copy = Path(folder) / corpus.name
            shutil.copytree(root, copy, ignore=shutil.ignore_patterns("*.pyc"))
            modules = load(copy)
            seeds = choose(modules, arguments.count, random.Random(f"{arguments.seed}:{corpus.name}"))
            before = [] if arguments.dry_run else blocking(checker.check(arguments.archwise, copy))
            shifts = sow(copy, seeds)
            after = [] if arguments.dry_run else blocking(checker.check(arguments.archwise, copy))
            found = found_seeds(seeds, shifts, before, after)
            print(f"{corpus.name}: {len(found)} of {len(seeds)}")
            for number, seed in enumerate(seeds):
                path, owner, name = seed.candidate.key
                for group in ("all", f"hops {seed.candidate.hops}", seed.blocker.name):
                    totals[group] += 1
                    hits[group] += number in found
                if number not in found:
                    line = moved(seed.before - 1, shifts[path]) + len(seed.text)
                    entry = min(seed.candidate.entries)
                    print(f"  missed {path}:{line} {owner + '.' if owner else ''}{name} from {entry[0]}:{entry[1]}")
            shutil.rmtree(copy)
    print()
    for group, count in sorted(totals.items()):
        print(f"{group:26} {hits[group]:4d} / {count:<4d} {100 * hits[group] / count:5.1f} %")


if __name__ == "__main__":
    main()
