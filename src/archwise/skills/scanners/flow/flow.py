"""Where data of a program comes from, followed through names, calls and files to where it ends.

Labels say what a value is: secret, the whole environment, sent by a server, decoded from what nobody can read. They
flow from a value to every name that is ever bound to it, whatever the order, until nothing changes. That finds more
than can happen (a name is one thing for a whole function), never what no path of names leads to.
"""

import re
from collections.abc import Iterator

from archwise.skills.scanners.flow.from_shell import place
from archwise.skills.scanners.flow.literals import Origins, is_secret_place, of_command, of_text
from archwise.skills.scanners.flow.program import Program, Value, file, result, stdin
from archwise.skills.scanners.flow.roles import Roles, knowledge, plays

_CREDENTIAL = re.compile(r"KEY|TOKEN|SECRET|PASSW|CREDENTIAL", re.IGNORECASE)
_TAKES_UP = re.compile(r"^\.(?:read|append|add|push|set|update|extend|write|insert|put|concat|load|unshift|assign)\w*$")
_SENDING = re.compile(
    r"^\.(?:files_upload|chat_post|send|post|put|patch|write|end|emit|upload|publish|request|stor|get|fetch|urlopen)\w*$"
)
_RECEIVING = re.compile(
    r"^\.(?:recv|receive|get|post|request|read|on|once|addEventListener|fetch|text|json|content)\w*$"
)
_ITSELF = frozenset(
    {"$0", "$BASH_SOURCE", "__file__", "__filename", "__dirname", "import.meta.url", "import.meta.dirname"}
)
_WHOLE = frozenset({"network", "decoded"})
_ROUNDS = 12
"""How often everything is looked at again, at most: a chain of names that is longer is cut."""
_PIECES = 9
"""Literals that the name of a place is put together from, at most."""
_MANY = 40
"""Literals of a value that are looked at."""


class Flow:
    """The labels of every name of a program."""

    def __init__(self, program: Program, roles: Roles) -> None:
        self.program, self.roles = program, roles
        self.known: dict[str, Origins] = {}
        self._said: dict[int, list[str]] = {}
        self._found: dict[int, Origins] = {}
        self._literal: dict[int, Origins] = {}
        for _ in range(_ROUNDS):
            self._found.clear()
            before = sum(map(len, self.known.values()))
            for name, values in program.bound.items():
                for value in values:
                    self._give(name, self.labels(value))
            for call in program.calls:
                self._pass(call)
            if sum(map(len, self.known.values())) == before:
                break

    def _give(self, name: str, labels: Origins) -> None:
        there = self.known.setdefault(name, {})
        for label, origin in labels.items():
            there.setdefault(label, origin)

    def _pass(self, call: Value) -> None:
        """What a call hands on: to what it calls, to functions that it is given, to what it is called on."""
        given = [self.labels(part) for part in call.parts]
        for function in self.called(call):
            shown = given[1:] if self.roles is knowledge().shell else given
            for name, labels, part in zip(self.program.parameters[function], shown, call.parts, strict=False):
                self._give(name, labels)
                if part.name:
                    self._hold(part, self.known.get(_filled(name), {}))
            if call.receiver is not None:
                self._give(stdin(function), self.labels(call.receiver))
        handlers = [function for labels in given for function in _functions(labels)]
        if handlers:
            arriving = data(self._outcome(call, given))
            for function in handlers:
                for name in self.program.parameters[function]:
                    self._give(name, arriving)
        owner = call.receiver
        if owner is not None and _TAKES_UP.match(call.call) and "connection" not in self.labels(owner):
            self._hold(owner, data(_merged(given)))
        elif plays(call.call, self.roles.writes) and not call.call.startswith(".") and len(call.parts) > 1:
            at = 1 if plays(call.call, self.roles.fetches) or "copy" in call.call or "move" in call.call else 0
            others = [labels for number, labels in enumerate(given) if number != at]
            self._hold(call.parts[at], _written(data(_merged(others) | self._outcome(call, given))))

    def _hold(self, target: Value, labels: Origins, depth: int = 0) -> None:
        """What is put into a thing that was opened is in the file as well, and so found again by the file's name."""
        if depth > 2:
            return
        if target.name:
            self._give(target.name, labels)
            self._give(_filled(target.name), labels)
            for value in self.program.bound.get(target.name, ()):
                if value.call:
                    self._hold(value, labels, depth + 1)
        elif target.call and (plays(target.call, self.roles.reads) or plays(target.call, self.roles.writes)):
            for opened in (target.receiver, *target.parts[:1]):
                if opened is not None:
                    self._hold(opened, labels, depth + 1)
        elif target.text and len(target.text) > 2:
            self._give(file(target.text), labels)

    def called(self, call: Value) -> list[int]:
        """The functions of the program that a call may be one of."""
        names = [call.call]
        if call.call.startswith("."):
            names.append(f"{call.module}:{call.call[1:]}")
        return [number for name in names for number in _functions(self.known.get(name, {}))]

    def labels(self, value: Value) -> Origins:
        """What a value is."""
        found = self._found.get(id(value))
        if found is None:
            found = self._found[id(value)] = self._labels(value)
        return found

    def _labels(self, value: Value) -> Origins:
        if value.text:
            if id(value) not in self._literal:
                self._literal[id(value)] = of_text(value)
            return self._literal[id(value)]
        if value.function:
            return {f"function {value.function}": value}
        if value.name:
            return self._of_name(value)
        if value.call:
            return self._outcome(value, [self.labels(part) for part in value.parts])
        found = _merged([self.labels(part) for part in value.parts])
        if value.parts and value.parts[0].text:  # the rest is an argument to what is written down
            for label in _WHOLE.intersection(found):
                found[f"some {label}"] = found.pop(label)
        return found | self._joined(value)

    def _of_name(self, value: Value) -> Origins:
        found: Origins = {}
        name = value.name
        if name in self.roles.environment:
            found["environment"] = value
        elif name.startswith(tuple(f"{each}." for each in self.roles.variable)) and _CREDENTIAL.search(name):
            found["variable"] = value
        if name == "$HOME":
            found["home"] = value
        if name in _ITSELF:
            found["itself"] = value
        while name:
            for label, origin in self.known.get(name, {}).items():
                found.setdefault(label, origin)
            name = name.rpartition(".")[0]
        return found

    def _joined(self, value: Value) -> Origins:
        """A secret place whose name is put together."""
        if id(value) not in self._literal:
            said = self.texts(value)
            fits = 1 < len(said) < _PIECES
            wholes = ("/".join(text.strip("/") for text in said), "".join(said)) if fits else ()
            secret = next((whole for whole in wholes if is_secret_place(whole)), None)
            self._literal[id(value)] = (
                {} if secret is None else {"secret": Value(value.module, value.line, text=secret)}
            )
        return self._literal[id(value)]

    def _outcome(self, call: Value, given: list[Origins]) -> Origins:
        """What a call answers with."""
        name, roles = call.call, self.roles
        if name == "[]":
            return self._picked(call)
        if plays(name, roles.harmless):
            return {}
        here = Value(call.module, call.line, text=name)
        arguments = _merged(given)
        owner = self.labels(call.receiver) if call.receiver is not None else {}
        found = data(arguments | owner) | self._joined(call)
        if plays(name, roles.variable):
            return {"variable": here} if any(_CREDENTIAL.search(text) for text in self.texts(call)) else {}
        for label, names in (("home", roles.home), ("walked", roles.walks), ("watched", roles.watches),
                             ("decoded", roles.decodes), ("connection", roles.connects)):  # fmt: skip
            if plays(name, names):
                found[label] = here
        if name in roles.environment:
            found["environment"] = here
        if plays(name, roles.reads):
            for text in self.texts(call)[:1]:
                found |= self.known.get(file(text), {})
        if plays(name, roles.fetches) or ("connection" in owner and _RECEIVING.match(name)):
            known = "known host" in arguments | owner and "unknown host" not in arguments | owner
            found["from known" if known else "network"] = here
        if (name == "^" and roles is not knowledge().shell) or _reads_encoded(name, self.texts(call)):
            found["decoded"] = here
        if roles is knowledge().shell:
            found |= of_command(call, self.texts(call))
            found |= _merged([self.files(part) for part in call.parts])
        for function in self.called(call):
            found |= self.known.get(result(function), {})
        return found

    def _picked(self, call: Value) -> Origins:
        """One thing that is picked out by its key: of an environment one variable, of settings one of them."""
        owner = dict(self.labels(call.receiver)) if call.receiver is not None else {}
        environment = owner.pop("environment", None)
        if environment is not None and any(_CREDENTIAL.search(part.text) for part in call.parts):
            owner["variable"] = environment
        return owner

    def sends(self, call: Value, owner: Origins) -> bool:
        """Whether a call gives what it is given to another machine."""
        return plays(call.call, self.roles.sends) or ("connection" in owner and bool(_SENDING.match(call.call)))

    def files(self, word: Value) -> Origins:
        """What the file holds that a shell's word names."""
        return data(self.known.get(file(place(word, self.program).rstrip("/")), {}))

    def texts(self, value: Value) -> list[str]:
        """The literals that a value is made of, names followed to what they are bound to."""
        if value.text:
            return [value.text]
        if id(value) not in self._said:
            self._said[id(value)] = []  # of what is made of itself, nothing more
            inner = self.program.bound.get(value.name, ())[:4] if value.name else value.parts
            found = self.texts(value.receiver) if value.receiver is not None else []
            self._said[id(value)] = [*found, *(text for each in inner for text in self.texts(each))][:_MANY]
        return self._said[id(value)]


def data(labels: Origins) -> Origins:
    """Labels without the functions that a value may be."""
    return {label: origin for label, origin in labels.items() if not label.startswith("function ")}


def _filled(name: str) -> str:
    """The name of what is put into the thing that a name stands for, while it is one."""
    return f"filled {name}"


def _written(labels: Origins) -> Origins:
    """What a file holds of what was written to it: of the place it was written to, nothing."""
    return {label: origin for label, origin in labels.items() if label not in ("home", "known host", "unknown host")}


def _functions(labels: Origins) -> Iterator[int]:
    for label in labels:
        if label.startswith("function "):
            yield int(label.removeprefix("function "))


def _merged(all_of: list[Origins]) -> Origins:
    found: Origins = {}
    for labels in all_of:
        for label, origin in labels.items():
            found.setdefault(label, origin)
    return found


def _reads_encoded(name: str, said: list[str]) -> bool:
    """``Buffer.from(text, "base64")`` and the like."""
    return name in ("Buffer.from", "codecs.decode", "codecs.getdecoder") and any(
        text in ("base64", "hex", "rot13", "rot_13", "base64url") for text in said
    )
