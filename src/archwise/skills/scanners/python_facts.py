"""What one Python program touches: secrets, the environment, other machines, and code made of data."""

import ast
import functools
import re
import tomllib

import msgspec

from archwise.skills.scanners.python_tree import (
    folded,
    imports,
    is_built,
    joined,
    literal,
    name_of,
    texts,
)
from archwise.skills.scanners.rules import source
from archwise.skills.scanners.scanner import Severity

_DESTROYED = re.compile(r"""^(?:/|~|/home|/root|C:\\\\?)(?:/?\*)?$""")
_SHELL = re.compile(r"/bin/(?:ba|z|da)?sh\b|cmd\.exe|powershell")
_START_UP = re.compile(
    r"\.(?:bashrc|zshrc|bash_profile|zprofile)$|authorized_keys$|/etc/cron|LaunchAgents|\\Run$|autostart/"
    r"|systemd/user/|(?:site|user)customize\.py$|\.pth$"
)
_SHELL_START_UP = re.compile(r"\.(?:bashrc|zshrc|bash_profile|zprofile)$")
"""What people have changed for them often, to set a path or an alias."""
_AGENT = re.compile(
    r"(?:\.codeium/windsurf/|\.claude/(?:settings|CLAUDE\.md)|\.claude\.json|\.cursor/(?:mcp|rules)|\.codex/(?:AGENTS|config)|GEMINI\.md|mcp_config\.json)"
)


_DOCUMENTS = frozenset({".doc", ".docx", ".xls", ".xlsx", ".ppt", ".pptx", ".pdf", ".odt", ".jpg"})
_LONGEST_COMMAND = 2_000
_ENCODE = frozenset({"hex", "hexlify", "b64encode", "b32encode", "urlsafe_b64encode"})
_ENVIRONMENT = frozenset({"os.environ", "os.getenv"})
_WALK = frozenset({"rglob", "glob", "walk", "iterdir"})
_WRITE = frozenset({"write_text", "write", "writelines", "dump", "copy", "copyfile"})
_CONNECT = frozenset({"connect", "connect_ex", "create_connection"})
_REPOSITORY = re.compile(r"/?\.git\b|\bpush\b")
_WALLET = re.compile(r"bc1\[|0x\[[0-9a-fA-F-]+\]\{40\}|\[13\]\[a-km-zA-HJ-NP-Z")
"""Patterns that find addresses of wallets."""
_RUNNERS = frozenset({"exec", "eval", "compile", "system", "popen", "__import__", "builtins", "__builtins__", "loads"})
"""Names that a program has a reason to write in pieces only where it hides that it runs code."""
_HOME = frozenset({"os.path.expanduser('~')", "expanduser('~')", "Path.home()", "pathlib.Path.home()"})


class Knowledge(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``python_facts.toml``."""

    secret_paths: tuple[str, ...]
    sends: frozenset[str]
    sends_if_built: frozenset[str]
    sends_if_connected: frozenset[str]
    send_methods: frozenset[str]
    clients: frozenset[str]
    runs: frozenset[str]
    resolves: frozenset[str]
    watches: frozenset[str]


class Hazard(msgspec.Struct, frozen=True):
    """Something that is wrong by itself."""

    rule: str
    severity: Severity
    why: str


class Facts(msgspec.Struct):
    """Lines of a program, counted from 1, and what is there."""

    sends: list[tuple[int, str]] = msgspec.field(default_factory=list)
    secrets: list[tuple[int, str]] = msgspec.field(default_factory=list)
    environment: list[tuple[int, str]] = msgspec.field(default_factory=list)
    hazards: list[tuple[int, Hazard]] = msgspec.field(default_factory=list)
    texts: list[tuple[int, str]] = msgspec.field(default_factory=list)


def facts_of(tree: ast.Module) -> Facts:
    """What a program touches."""
    reader = _Reader(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in reader.documentation:
            reader.text(node, node.value)
        elif isinstance(node, ast.BinOp):
            reader.pieces(node)
        elif isinstance(node, ast.Subscript):
            reader.looked_up(node)
        elif isinstance(node, ast.Call):
            reader.call(node)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            reader.replaced(node)
        elif isinstance(node, ast.Attribute) and reader.name(node) == "os.environ":
            reader.environ(node)
    for found in (reader.facts.sends, reader.facts.secrets, reader.facts.environment):
        found.sort()
    return reader.facts


class _Habits(msgspec.Struct, frozen=True):
    """What a script does in some place, which tells what a call in another is for."""

    encodes_environment: bool
    picks_documents: bool
    encrypts_tree: bool
    spreads: bool
    writes_files: bool
    connects: bool


def _habits(tree: ast.Module, names: set[str]) -> _Habits:
    attributes = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    said = texts(tree)
    speaks_of_repositories = "skills" in " ".join(said) and bool(_REPOSITORY.search(" ".join(said)))
    return _Habits(
        encodes_environment=not names.isdisjoint(_ENVIRONMENT) and not attributes.isdisjoint(_ENCODE),
        picks_documents=len(_DOCUMENTS.intersection(said)) > 2,
        encrypts_tree="encrypt" in attributes and not attributes.isdisjoint({"walk", "rglob", "iterdir"}),
        spreads="__file__" in names and speaks_of_repositories and not attributes.isdisjoint(_WALK),
        writes_files=not attributes.isdisjoint(_WRITE),
        connects=not attributes.isdisjoint(_CONNECT),
    )


class _Reader:
    def __init__(self, tree: ast.Module) -> None:
        self.facts = Facts()
        self.known = knowledge()
        self._names = dict(imports(tree))
        self._modules = {name.partition(".")[0] for name in self._names.values()}
        self._parents = {id(child): node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
        assigned = [node for node in ast.walk(tree) if isinstance(node, ast.Assign)]
        for node in assigned:
            target, value = node.targets[0], node.value
            is_name = isinstance(value, (ast.Name, ast.Attribute))
            if isinstance(target, ast.Name) and is_name and self.name(value) == "importlib.import_module":
                self._names[target.id] = "importlib.import_module"
        names = {self.name(node) for node in ast.walk(tree) if isinstance(node, (ast.Attribute, ast.Name))}
        self._habits = _habits(tree, names)
        self._looped = {name_of(node.target) for node in ast.walk(tree) if isinstance(node, ast.For)}
        self._places = {
            target.id: texts(node.value) for node in assigned for target in node.targets if isinstance(target, ast.Name)
        }
        expressions = [node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)]
        self.documentation = {id(value) for value in expressions if isinstance(value, ast.Constant)}

    def name(self, node: ast.expr) -> str:
        """The dotted name an expression goes by, its import resolved; empty where it has none."""
        if isinstance(node, ast.Name):
            return self._names.get(node.id, node.id)
        if isinstance(node, ast.Attribute):
            owner = self.name(node.value)
            return f"{owner}.{node.attr}" if owner else ""
        if isinstance(node, ast.Call):
            called = self.name(node.func)
            if called in ("importlib.import_module", "__import__") and node.args and literal(node.args[0]):
                return literal(node.args[0])
            return called
        return ""

    def text(self, node: ast.Constant, value: str) -> None:
        if len(value) < _LONGEST_COMMAND and not self._is_excluded(node):
            self.facts.texts.append((node.lineno, value))
        lowered = value.lower().replace("\\", "/")
        if len(lowered) > 300 or "\n" in lowered:
            return
        if _WALLET.search(value) and "pyperclip" in self._modules:
            why = "watches the clipboard for addresses of wallets"
            self.facts.hazards.append((node.lineno, Hazard("clipboard-watched", "high", why)))
        if self._habits.writes_files and _AGENT.search(value) and not self._is_excluded(node):
            self._changes_agent(node)
        found = next((path for path in self.known.secret_paths if path in lowered), None)
        if found is not None and not self._is_excluded(node):
            self.facts.secrets.append((node.lineno, f"`{value}`"))

    def looked_up(self, node: ast.Subscript) -> None:
        """A name that is put together and then looked up, so that no search finds it."""
        asked = folded(node.slice) if isinstance(node.slice, ast.BinOp) else None
        if asked in _RUNNERS:
            why = f"hides that it uses `{asked}`"
            self.facts.hazards.append((node.lineno, Hazard("name-in-pieces", "high", why)))

    def replaced(self, node: ast.Attribute) -> None:
        if self.name(node) == "ssl._create_default_https_context":
            why = "stops the whole program from checking certificates"
            self.facts.hazards.append((node.lineno, Hazard("verification-off", "medium", why)))

    def _changes_agent(self, node: ast.expr) -> None:
        why = "names what agents are told or allowed on this machine, in a program that writes files"
        self.facts.hazards.append((node.lineno, Hazard("agent-settings-changed", "medium", why)))

    def pieces(self, node: ast.BinOp) -> None:
        """A path that is put together from pieces, so that no search finds it."""
        if isinstance(node.op, ast.Div):
            place = "/".join(joined(node))
            if self._habits.writes_files and _AGENT.search(place) and "home()" in ast.unparse(node):
                self._changes_agent(node)
            return
        whole = folded(node)
        if whole is not None and not isinstance(self._parents.get(id(node)), ast.BinOp):
            found = next((path for path in self.known.secret_paths if path in whole.lower()), None)
            if found is not None:
                self.facts.secrets.append((node.lineno, f"`{whole}`"))

    def _is_excluded(self, node: ast.AST) -> bool:
        """Whether a path stands in a list of what is left alone or looked for: a pattern, a set of names to ignore."""
        parent = self._parents.get(id(node))
        while isinstance(parent, (ast.List, ast.Tuple, ast.Set, ast.Dict)):
            parent = self._parents.get(id(parent))
        if isinstance(parent, (ast.Assign, ast.AnnAssign, ast.keyword)):
            targets = parent.targets if isinstance(parent, ast.Assign) else [getattr(parent, "target", None)]
            names = " ".join(ast.unparse(target) for target in targets if target is not None) + str(
                getattr(parent, "arg", "")
            )
            return bool(
                re.search(
                    r"exclu|ignor|skip|deny|block|forbid|sensitive|danger|pattern|protect|secret_|suspicious",
                    names,
                    re.I,
                )
            )
        return isinstance(parent, ast.Compare) or (
            isinstance(parent, ast.Call) and self.name(parent.func).startswith("re.")
        )

    def environ(self, node: ast.Attribute) -> None:
        parent = self._parents.get(id(node))
        if isinstance(parent, ast.Attribute) and parent.attr in ("items", "values") and not self._for_child(node):
            self.facts.environment.append((node.lineno, "the whole environment"))
        elif (
            isinstance(parent, ast.Call)
            and node in parent.args
            and self.name(parent.func) in ("dict", "str", "json.dumps", "repr")
        ) and not self._for_child(node):
            self.facts.environment.append((node.lineno, "the whole environment"))

    def _for_child(self, node: ast.AST) -> bool:
        """Whether the environment is read to hand it to a program that is started."""
        parent: ast.AST | None = node
        while parent is not None and not isinstance(parent, ast.stmt):
            if isinstance(parent, ast.keyword) and parent.arg == "env":
                return True
            parent = self._parents.get(id(parent))
        return isinstance(parent, ast.Assign) and "env" in ast.unparse(parent.targets[0]).lower()

    def call(self, node: ast.Call) -> None:
        name = self.name(node.func)
        method = node.func.attr if isinstance(node.func, ast.Attribute) else name
        if self._is_sent(name, node):
            self.facts.sends.append((node.lineno, name))
        if name in self.known.watches:
            self.facts.secrets.append((node.lineno, f"what the user copies, types or sees (`{name}`)"))
        if name in self.known.runs:
            self._run(name, node)
        self._disguised(name, node)
        self._harms(node, name, method)
        if method in ("open", "write_text") and self._writes(node):
            self._lasts(node)

    def _harms(self, node: ast.Call, name: str, method: str) -> None:
        """What only a script would do that means harm, judged by what else it does."""
        does, removes = self._habits, method in ("remove", "unlink")
        if removes and does.encrypts_tree:
            self._hazard(node, "held-to-ransom", "critical", "encrypts a tree of files and removes the originals")
        if removes and does.picks_documents and self._is_each(node):
            self._hazard(node, "documents-deleted", "medium", "deletes documents, one after the other")
        if name in ("shutil.copytree", "shutil.copy") and does.spreads:
            self._hazard(node, "self-copied", "high", "copies this skill into other projects")
        if name in self.known.resolves and does.encodes_environment and is_built(node):
            self._hazard(node, "data-in-host-names", "critical", "carries the environment out in the names it looks up")
        if name in ("shutil.rmtree", "os.removedirs") and node.args and _is_all(node.args[0]):
            self._hazard(node, "wiped", "critical", "destroys what is on this machine")
        if name in ("os.dup2", "pty.spawn") and does.connects and "socket" in self._modules:
            self._hazard(node, "reverse-shell", "critical", "hands a shell of this machine to a connection")

    def _lasts(self, node: ast.Call) -> None:
        """What is written where it outlives the script: at the start of a shell, or in what agents are told."""
        places = [*texts(node), *(text for part in ast.walk(node) for text in self._places.get(name_of(part), ()))]
        if any(_START_UP.search(place) for place in places):
            why = "writes what is run at each start of a shell or of the machine"
            grave = any(_START_UP.search(place) and not _SHELL_START_UP.search(place) for place in places)
            self._hazard(node, "made-permanent", "high" if grave else "medium", why)
        elif any(_AGENT.search(place) for place in places):
            why = "changes what agents are told or allowed on this machine"
            self._hazard(node, "agent-settings-changed", "medium", why)

    def _is_each(self, node: ast.Call) -> bool:
        """Whether a call is about what a loop goes through."""
        about = [name_of(node.func.value)] if isinstance(node.func, ast.Attribute) else []
        return not self._looped.isdisjoint({*about, *(name_of(argument) for argument in node.args)} - {""})

    def _disguised(self, name: str, node: ast.Call) -> None:
        """Calls whose name is put together, so that no search finds it."""
        asked = node.args[1] if name == "getattr" and len(node.args) > 1 else None
        if name in ("importlib.import_module", "__import__") and node.args:
            asked = node.args[0]
        if isinstance(asked, ast.BinOp) and folded(asked) is not None:
            self._hazard(node, "name-in-pieces", "high", f"hides that it uses `{folded(asked)}`")
        elif name == "getattr" and asked is not None and re.search(r"\bchr\b", ast.unparse(asked)):
            self._hazard(node, "name-in-pieces", "critical", "hides what it uses, put together character by character")

    def _is_sent(self, name: str, node: ast.Call) -> bool:
        known = self.known
        if name in known.sends_if_connected:
            return self._habits.connects
        if name in known.sends_if_built:
            address = node.args[0] if node.args else None
            given = {keyword.arg for keyword in node.keywords}
            built = isinstance(address, (ast.JoinedStr, ast.BinOp)) or not given.isdisjoint(
                {"data", "params", "json", "files"}
            )
            return built or len(node.args) > 1
        if name in known.sends:
            return True
        method = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        return (
            method in known.send_methods
            and not known.clients.isdisjoint(self._modules)
            and len(node.args) + len(node.keywords) > 0
        )

    def _run(self, name: str, node: ast.Call) -> None:
        given = [*node.args, *(keyword.value for keyword in node.keywords)]
        if any(literal(part) == "crontab" for argument in given for part in ast.walk(argument)) and any(
            keyword.arg == "input" for keyword in node.keywords
        ):
            self._hazard(node, "made-permanent", "high", "makes itself start again after this run")
        for argument in given:
            if (
                isinstance(argument, ast.Constant)
                and isinstance(argument.value, str)
                and name.startswith(("subprocess", "os"))
            ):
                command = argument.value
                if re.search(r"(?:curl|wget)\b[^|]*\|\s*(?:sudo\s+)?(?:ba)?sh\b", command):
                    self._hazard(node, "downloaded-and-run", "high", "runs what a server sends, unread")
                elif re.search(r"/dev/tcp/|\bnc\b.*-e\b", command):
                    self._hazard(
                        node, "reverse-shell", "critical", "opens a shell on this machine to somebody elsewhere"
                    )
                elif re.search(r"\brm\s+-[rf]{2}\s+(?:/|~|\$HOME)(?:\s|$|\*)", command):
                    self._hazard(node, "wiped", "critical", "destroys what is on this machine")
        if (
            name.startswith("subprocess.")
            and self._habits.connects
            and "socket" in self._modules
            and any(
                _SHELL.search(literal(part))
                for argument in given
                for part in ast.walk(argument)
                if isinstance(part, ast.Constant)
            )
        ):
            self._hazard(node, "reverse-shell", "critical", "hands a shell of this machine to a connection")

    def _writes(self, node: ast.Call) -> bool:
        if isinstance(node.func, ast.Attribute) and node.func.attr == "write_text":
            return True
        mode = literal(node.args[1]) if len(node.args) > 1 else ""
        return any(letter in mode for letter in "wax")

    def _hazard(self, node: ast.Call, rule: str, severity: Severity, why: str) -> None:
        self.facts.hazards.append((node.lineno, Hazard(rule, severity, why)))


def _is_all(node: ast.expr) -> bool:
    """Whether a place is the whole home or disk."""
    return bool(_DESTROYED.match(literal(node))) or ast.unparse(node) in _HOME


@functools.cache
def knowledge() -> Knowledge:
    """The names this scanner goes by."""
    return msgspec.convert(tomllib.loads(source("python_facts.toml").decode()), Knowledge)
