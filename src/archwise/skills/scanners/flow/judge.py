"""What no program of a skill should do with data, said of a program whose data has been followed."""

import re
from collections.abc import Iterator

import msgspec

from archwise.skills.scanners.flow.flow import Flow
from archwise.skills.scanners.flow.from_shell import place
from archwise.skills.scanners.flow.literals import Origins
from archwise.skills.scanners.flow.program import LOOKED_FOR, Program, Value
from archwise.skills.scanners.flow.roles import Roles, knowledge, plays
from archwise.skills.scanners.instructions import directs
from archwise.skills.scanners.scanner import Severity

_START_UP = re.compile(
    r"\.(?:bashrc|zshrc|bash_profile|zprofile|zshenv|profile)$|authorized_keys$|/etc/cron|LaunchAgents/|autostart/|\.git/hooks/"
    r"|systemd/(?:user|system)/|(?:site|user)customize\.py$|\.pth$|Start Menu.Programs.Startup"
)
_AGENT = re.compile(
    r"\.claude/(?:settings|CLAUDE\.md)|\.claude\.json|\.cursor/(?:mcp|permissions)|\.codex/(?:AGENTS|config)|\.gemini/(?:GEMINI|settings)"
    r"|windsurf/mcp_config"
)
_INSTRUCTIONS = re.compile(
    r"(?i:\b(?:claude|agents|gemini|soul|memory|identity)\.md|copilot-instructions|\.(?:cursor|windsurf)/rules|\.(?:cursor|windsurf)rules)"
)
_LASTING = re.compile(
    r"rc$|profile$|env$|authorized_keys|cron|Launch|autostart|hooks|systemd|\.py$|\.pth$|Startup|\.claude|\.cursor|\.codex|mcp_config|\.gemini|\.md$|rules"
)
"""A piece of what ``_START_UP`` or ``_AGENT`` finds."""
_PUSHED = re.compile(
    r"^git\b.*\bpush\b.*https?://(?:[^/\s:@]+:[^/\s@]{8,}@|(?!(?:[\w-]+\.)*(?:github|gitlab|bitbucket|codeberg)\.\w+/)[\w.-]+/)"
)
_PASSWORD = re.compile(
    r"(?:^|[.:_$])(?:\w*_)?(?:password|passwd|passphrase|mnemonic|seed_phrase|private_key)$", re.IGNORECASE
)
_INSTALLING = frozenset(
    {"install", "i", "add", "tap", "dlx", "exec", "run", "npx", "bunx", "uvx", "pnpx", "--install-extension"}
)
_NO_VALUE = frozenset(
    {"--yes", "-y", "-g", "--global", "-D", "--save-dev", "--save", "-q", "--quiet", "-U", "--upgrade", "--force"}
)
_HERE = frozenset({".", "./"})
_SKILLS = re.compile(r"\.\w+/skills\b")
_FROM_NET = re.compile(
    r"\b(?:curl|wget|iwr|irm|Invoke-WebRequest|ncat?)\s|/dev/tcp/|\burlopen\(|\brequests\.get\(", re.IGNORECASE
)
_PUBLIC_KEY = re.compile(r"ssh-(?:rsa|ed25519|ecdsa)\S*\s+AAAA")
_OWN_FILES = frozenset({"Documents", "Desktop", "Pictures", "Downloads", "Music", "Library", ".ssh"})
_INTERPRETERS = frozenset({
    "sh", "bash", "zsh", "dash", "ksh", "python", "python3", "node", "deno", "bun", "perl", "ruby", "php", "osascript",
    "powershell", "pwsh", "cmd", "/bin/sh", "/bin/bash", "/usr/bin/env",
})  # fmt: skip
_EXECUTABLES = ("sys.executable", "process.execPath")
_UPLOADING = re.compile(r"^(?:-[a-zA-Z]*[dFT]@?.*|--(?:data|form|upload-file|json|post-|body-)\S*)$")
_CODE_GIVEN = re.compile(r"^-\w*[cer]$|^--eval$|^-(?:Command|EncodedCommand)$")


class Finding(msgspec.Struct, frozen=True):
    """Something that no program of a skill should do, at a place of it."""

    rule: str
    severity: Severity
    at: Value
    why: str


def judged(program: Program, language: str) -> Iterator[Finding]:
    """What a program does with data that none should."""
    roles = getattr(knowledge(), language)
    if not _matters(program, roles):
        return
    flow = Flow(program, roles)
    reader = _Judge(flow, language)
    for call in program.calls:
        yield from reader.call(call)


def _matters(program: Program, roles: Roles) -> bool:
    """Whether a program does anything that is judged: most do not, and need not be followed."""
    if roles is knowledge().shell:
        return bool(program.calls)
    judged = (roles.sends, roles.connects, roles.runs_code, roles.runs_command, roles.resolves, roles.deletes)
    if any(plays(call.call, names) for call in program.calls for names in judged):
        return True
    values = [*program.calls, *(value for values in program.bound.values() for value in values)]
    return any(_LASTING.search(each.text) for value in values for each in value.walk())


class _Judge:
    def __init__(self, flow: Flow, language: str) -> None:
        self.flow, self.roles, self.shell = flow, flow.roles, language == "shell"
        said = {text for value in flow.program.bound.get(LOOKED_FOR, ()) for text in flow.texts(value)}
        self.picks = sorted(name for name in knowledge().secret_names if any(_names(text, name) for text in said))

    def call(self, call: Value) -> Iterator[Finding]:
        given = [self.flow.labels(part) for part in call.parts]
        owner = self.flow.labels(call.receiver) if call.receiver is not None else {}
        if self.shell:
            yield from self._sent_by_command(call, given, owner)
            yield from self._run_by_command(call, given, owner)
            if plays(call.call, self.roles.installs):
                yield from self._installed(call, given)
            if call.call in ("cp", "rsync", "scp"):
                yield from self._copied(call, _merged(given))
        else:
            if self.flow.sends(call, owner):
                yield from self._sent(call, _merged(given))
            talks = any(
                plays(call.call, names) for names in (self.roles.sends, self.roles.connects, self.roles.fetches)
            )
            if talks and given and "decoded" in given[0] and not call.call.startswith("."):
                yield Finding("address-hidden", "high", call, "talks to a server whose address is encoded")
            made = call.receiver is not None and call.call == "?" and plays(call.receiver.call, self.roles.runs_code)
            if made or plays(call.call, self.roles.runs_code):
                yield from self._run_as_code(call, _merged(given))
            if plays(call.call, self.roles.runs_command) and call.parts:
                yield from self._run_as_command(call)
            if plays(call.call, self.roles.runs_command) and _PUSHED.search(" ".join(self.flow.texts(call))):
                why = "pushes a repository to a place that is written in"
                yield Finding("pushed-elsewhere", "high", call, why)
            if plays(call.call, self.roles.deletes):
                yield from self._deleted(call, _merged([*given, owner]))
        if plays(call.call, self.roles.writes) and call.parts:
            yield from self._written(call)
        if plays(call.call, self.roles.resolves):
            carried = _merged([*given, owner])
            for label in ("secret", "environment", "variable"):
                if label in carried:
                    what = _what(label, carried[label])
                    yield Finding(
                        "data-in-host-names", "critical", call, f"carries {what} out in the names it looks up"
                    )
                    break

    def _sent(self, call: Value, given: Origins) -> Iterator[Finding]:
        if "known host" in given and "unknown host" not in given:
            return
        if "secret" in given:
            yield Finding("secrets-sent", "critical", call, f"sends {_what('secret', given['secret'])} to a server")
        elif "watched" in given:
            yield Finding("secrets-sent", "critical", call, f"sends {_what('watched', given['watched'])} to a server")
        elif "unknown host" in given and any(
            _PASSWORD.search(each.name) for part in call.parts for each in part.walk()
        ):
            yield Finding("secrets-sent", "high", call, "sends a password to a server that is written in")
        elif "environment" in given:
            yield Finding("secrets-sent", "high", call, "sends the environment, keys and all, to a server")
        elif "walked" in given and self.picks:
            yield Finding(
                "picked-and-sent",
                "medium",
                call,
                f"looks for {self.picks[0]} files and sends what it finds to a server",
            )

    def _run_as_code(self, call: Value, given: Origins) -> Iterator[Finding]:
        if "network" in given or "some network" in given:
            yield Finding("downloaded-and-run", "critical", call, "runs code that came from a server")
        elif "decoded" in given or "some decoded" in given:
            yield Finding("decoded-and-run", "critical", call, "runs code that is decoded from what nobody can read")

    def _run_as_command(self, call: Value) -> Iterator[Finding]:
        words = [each for part in call.parts for each in (part.parts if part.parts and not part.call else (part,))]
        first = words[0]
        labels = self.flow.labels(first)
        if "decoded" in labels:
            yield Finding(
                "decoded-and-run", "critical", call, "runs a command that is decoded from what nobody can read"
            )
        elif "network" in labels:
            yield Finding("remote-commands", "critical", call, "runs what a server sends")
        elif first.name in _EXECUTABLES or set(self.flow.texts(first)[:1]) & _INTERPRETERS:
            for at, word in enumerate(words[1:], 1):
                if word.text == "-m":
                    return
                if _CODE_GIVEN.match(word.text):
                    yield from self._run_as_code(
                        call, _merged([self.flow.labels(each) for each in words[at + 1 :][:1]])
                    )
                    return
                if word.text.startswith("-"):
                    continue
                if "network" in self.flow.labels(words[at]):
                    yield Finding("downloaded-and-run", "high", call, "runs a program that came from a server, unread")
                return

    def _installed(self, call: Value, given: list[Origins]) -> Iterator[Finding]:
        words = [place(part, self.flow.program) for part in call.parts]
        for at, labels in enumerate(given):
            package = not words[at - 1].startswith("-") or words[at - 1] in _NO_VALUE
            before = {*words[:at], words[0]}
            if "unknown host" in labels and package and at > 0 and _INSTALLING & before and not _HERE & before:
                why = "installs a package from a place that is not known, past what the index checks"
                yield Finding("package-from-unknown-place", "medium", call, why)

    def _copied(self, call: Value, given: Origins) -> Iterator[Finding]:
        places = [place(part, self.flow.program) for part in call.parts[1:]]
        remote = call.call == "scp" and any(":" in each for each in places)
        planted = "walked" in given and any(_SKILLS.search(each) for each in places)
        if "itself" in given and (remote or planted):
            yield Finding("self-copied", "high", call, "copies this skill into other projects or onto other machines")

    def _deleted(self, call: Value, given: Origins) -> Iterator[Finding]:
        if "home" in given and _OWN_FILES.intersection(self.flow.texts(call)):
            yield Finding("home-wiped", "high", call, "destroys the user's own files")

    def _written(self, call: Value) -> Iterator[Finding]:
        target = call.receiver if call.call.startswith(".") and call.receiver is not None else call.parts[0]
        rest = call.parts if target is call.receiver else call.parts[1:]
        where = place(target, self.flow.program) if self.shell else "/".join(self.flow.texts(target))
        what = "\n".join(text for part in rest for text in self.flow.texts(part))
        labels = _merged([self.flow.labels(part) for part in rest])
        if _PUBLIC_KEY.search(what) and where.endswith("authorized_keys"):
            yield Finding(
                "key-let-in", "critical", call, "lets the owner of a key that is written in into this machine"
            )
        elif _START_UP.search(where) and (_FROM_NET.search(what) or "network" in labels):
            yield Finding("start-up-planted", "critical", call, "has code from the network run at each start")
        elif _INSTRUCTIONS.search(where) and (order := directs(what)):
            yield Finding("agent-instructions-planted", "high", call, f"writes for agents to read what {order}")
        elif _AGENT.search(where) and not self.shell:
            why = "changes what agents are told or allowed on this machine"
            yield Finding("agent-settings-changed", "medium", call, why)

    def _sent_by_command(self, call: Value, given: list[Origins], owner: Origins) -> Iterator[Finding]:
        words = [text for part in call.parts for text in self.flow.texts(part)[:1]]
        uploads = call.call in ("curl", "wget", "http", "https") and any(map(_UPLOADING.match, words[1:]))
        through = call.receiver
        shell = through is not None and through.call in _INTERPRETERS and "-i" in self.flow.texts(through)
        if shell and plays(call.call, self.roles.sends):
            yield Finding("reverse-shell", "critical", call, "hands a shell of this machine to a connection")
        if uploads or (plays(call.call, self.roles.sends) and "-d" not in words):
            carried = _merged([*given, *(self.flow.files(part) for part in call.parts), owner])
            yield from self._sent(call, carried)
        elif call.call in ("curl", "wget"):
            yield from self._sent(call, _merged(given))

    def _run_by_command(self, call: Value, given: list[Origins], owner: Origins) -> Iterator[Finding]:
        code: Origins = {}
        name = call.call
        if name in ("eval", "source", "."):
            code = _merged([*given[1:], *(self.flow.files(part) for part in call.parts[1:])])
        elif name == "xargs":
            code = owner if _INTERPRETERS.intersection(self.flow.texts(call)) else {}
        elif name.rpartition("/")[2] in _INTERPRETERS:
            code = self._interpreted(call, given, owner)
        elif given and not self.flow.program.bound.get(name):
            code = given[0] if call.parts[0].call or call.parts[0].name else {}
            if "/" in name or name.startswith("$"):  # nothing else is looked for in a folder
                code = code | self.flow.files(call.parts[0])
        if "decoded" in code:
            yield Finding("decoded-and-run", "critical", call, "runs what it decodes from what nobody can read")
        elif "network" in code:
            yield Finding("downloaded-and-run", "medium", call, "runs what a server sends, unread")

    def _interpreted(self, call: Value, given: list[Origins], owner: Origins) -> Origins:
        """What an interpreter is given to run: on its command line, in a file, or through the pipe."""
        for at, part in enumerate(call.parts[1:], 1):
            word = place(part, self.flow.program)
            if word == "-m":
                return {}
            if _CODE_GIVEN.match(word):
                return _merged(given[at + 1 : at + 2])
            if not word.startswith("-"):
                return self.flow.files(part) | (given[at] if part.call else {})
        return owner


def _names(text: str, name: str) -> bool:
    """Whether a text that a program compares with is a name, or a pattern that begins with it."""
    return text.lower().startswith(name) and not text[len(name) : len(name) + 1].isalnum()


def _merged(all_of: list[Origins]) -> Origins:
    found: Origins = {}
    for labels in all_of:
        found = labels | found
    return found


def _what(label: str, origin: Value) -> str:
    if label == "environment":
        return "the environment"
    if label == "watched":
        return f"what the user copies, types or shows (`{origin.text}`)"
    return f"what is in `{origin.text}`" if label == "secret" else "a credential"
