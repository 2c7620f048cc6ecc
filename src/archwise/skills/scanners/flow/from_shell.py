"""Shell scripts and commands, by tree-sitter's grammar of bash."""

import functools
import itertools
import re

import tree_sitter_bash
from tree_sitter import Language, Node, Parser

from archwise.skills.scanners.flow.program import Program, Value, file, result, stdin

_ASSIGNED = re.compile(r"(?:^|[;&]\s*)([A-Za-z_]\w*)=", re.MULTILINE)
_WRITING = frozenset({"cp", "mv", "tar", "zip", "rsync", "gzip", "gpg", "tee", "dd", "7z", "age", "ln", "install"})
"""Commands of which any word may be the file that is written."""
_LEFT_OUT = frozenset({
    "-H", "--header", "-i", "--key", "--cert", "--cacert", "-E", "-K", "--config", "--netrc-file", "-u", "--user", "-A",
    "--env-file", "--exclude", "--kubeconfig", "-b", "--cookie",
})  # fmt: skip
"""Options through which a program gets what is its own: nothing of it is sent or shown."""
_WRAPPERS = frozenset({"sudo", "nohup", "command", "exec", "time", "env", "nice", "timeout", "builtin"})
"""Programs that run the command they are given."""
_SHELLS = frozenset({"sh", "bash", "zsh", "dash", "ksh", "/bin/sh", "/bin/bash"})
_COMMAND_GIVEN = re.compile(r"^-[a-z]*c$")
_SHORT_OUTPUT = {"curl": "o", "wget": "O"}
_TO_FILE = frozenset({"-o", "--output", "-O", "--output-document", "-out"})


def add(program: Program, module: str, text: str) -> None:
    """Adds a script."""
    _Reader(program, module, text).block(_parser().parse(text.encode()).root_node)


@functools.cache
def _parser() -> Parser:
    return Parser(Language(tree_sitter_bash.language()))


class _Reader:
    def __init__(self, program: Program, module: str, text: str) -> None:
        self.program, self.module = program, module
        self.function = 0
        self.before = 0
        self.functions: dict[str, int] = {}
        self.assigned = frozenset(_ASSIGNED.findall(text))

    def line(self, node: Node) -> int:
        """The line that something stands in, counted from 1."""
        return self.before + node.start_point[0] + 1

    def block(self, node: Node, incoming: Value | None = None) -> Value:
        """What the commands of a list print, all together."""
        return self._of(node, *(self.read(child, incoming) for child in node.named_children))

    def read(self, node: Node, incoming: Value | None = None) -> Value:
        reader = getattr(self, f"_{node.type}", None)
        if reader is None:
            return self.block(node, incoming)
        return reader(node, incoming)  # type: ignore[no-any-return]

    def _of(self, node: Node, *parts: Value) -> Value:
        kept = tuple(part for part in parts if part.text or part.name or part.call or part.parts)
        return kept[0] if len(kept) == 1 else Value(self.module, self.line(node), parts=kept)

    def _pipeline(self, node: Node, incoming: Value | None) -> Value:
        for child in node.named_children:
            incoming = self.read(child, incoming)
        return incoming or Value(self.module, 0)

    def _function_definition(self, node: Node, incoming: Value | None) -> Value:
        name, body = node.named_children[0], node.named_children[-1]
        number = len(self.program.parameters) + 1
        self.program.define(tuple(f"{self.module}:{number}.{place}" for place in range(1, 10)))
        self.functions[_text(name)] = number
        self.program.bind(f"{self.module}:{_text(name)}", Value(self.module, 0, function=number))
        outer, self.function = self.function, number
        printed = self.read(body, Value(self.module, self.line(node), name=stdin(number)))
        self.program.bind(result(number), printed)
        self.function = outer
        return Value(self.module, 0)

    def _variable_assignment(self, node: Node, incoming: Value | None) -> Value:
        name, value = node.named_children[0], node.named_children[-1]
        if len(node.named_children) > 1:
            self.program.bind(f"{self.module}:${_text(name)}", self.word(value))
        return Value(self.module, 0)

    def _for_statement(self, node: Node, incoming: Value | None) -> Value:
        name, *values = node.named_children
        for value in values[:-1]:
            self.program.bind(f"{self.module}:${_text(name)}", self.word(value))
        return self.read(values[-1]) if values else Value(self.module, 0)

    def _redirected_statement(self, node: Node, incoming: Value | None) -> Value:
        body = node.child_by_field_name("body")
        targets: list[Value] = []
        for redirect in node.children_by_field_name("redirect"):
            if redirect.type in ("heredoc_redirect", "herestring_redirect"):
                incoming = self._of(
                    redirect,
                    *(
                        self.word(child)
                        for child in redirect.named_children
                        if child.type
                        in ("heredoc_body", "string", "raw_string", "word", "simple_expansion", "command_substitution")
                    ),
                )
                for child in redirect.named_children:
                    if child.type == "file_redirect":
                        targets += self._target(child)
                    elif child.type in ("pipeline", "command", "list"):
                        return self.read(child, incoming)
            elif redirect.type == "file_redirect":
                words = [self.word(child) for child in redirect.named_children if child.type != "file_descriptor"]
                if "<" in _text(redirect)[:3]:
                    incoming = self._of(redirect, *words)
                else:
                    targets += self._target(redirect)
        printed = self.read(body, incoming) if body is not None else incoming or Value(self.module, 0)
        for target in targets:
            self._write(target, printed)
            self.program.calls.append(Value(self.module, target.line, call=">", parts=(target, printed)))
        return printed if not targets else Value(self.module, 0)

    def _target(self, node: Node) -> list[Value]:
        words = [self.word(child) for child in node.named_children if child.type != "file_descriptor"]
        return [word for word in words if place(word, self.program) not in ("/dev/null", "1", "2", "")]

    def _write(self, target: Value, value: Value) -> None:
        for name in folders(place(target, self.program)):
            self.program.bind(file(name), value)

    def _command(self, node: Node, incoming: Value | None) -> Value:
        words = [self.word(child) for child in node.named_children if child.type in _WORDS]
        for child in node.named_children:
            if child.type == "variable_assignment":
                self.word(child.named_children[-1])
            elif child.type == "herestring_redirect":
                incoming = self._of(child, *map(self.word, child.named_children))
        if not words:
            return Value(self.module, 0)
        words = self._unwrapped(words)
        name, given = place(words[0], self.program), words[1:]
        program = name.rpartition("/")[2] if re.fullmatch(r"(/usr)?(/local)?/s?bin/\w+", name) else name
        targets = [given[at + 1] for at, word in enumerate(given[:-1]) if _names_output(program, word.text)]
        given = self._kept(program, [word for word in given if not any(word is each for each in targets)])
        if name in self.functions and incoming is not None:
            self.program.bind(stdin(self.functions[name]), incoming)
        called = f"{self.module}:{name}" if name in self.functions else program or "?"
        call = Value(self.module, self.line(node), call=called, parts=(words[0], *given), receiver=incoming)
        self.program.calls.append(call)
        self._given_commands(words, incoming)
        if program == "read" and incoming is not None:
            for word in given:
                if word.text and not word.text.startswith("-"):
                    self.program.bind(f"{self.module}:${word.text}", incoming)
        for target in (*(self._files(given) if program in _WRITING else ()), *targets):
            self._write(target, call)
        return call

    def _unwrapped(self, words: list[Value]) -> list[Value]:
        """The command that another one runs: ``sudo -u app tar …``, ``env NAME=value tar …``."""
        while len(words) > 1 and place(words[0], self.program) in _WRAPPERS:
            rest = [at for at, word in enumerate(words) if at and not _is_setting(place(word, self.program))]
            if not rest:
                break
            words = words[rest[0] :]
        return words

    def _given_commands(self, words: list[Value], incoming: Value | None) -> None:
        """Reads the command in ``sh -c "…"``."""
        if not _SHELLS.intersection(word.text for word in words):
            return
        for option, command in itertools.pairwise(words):
            if _COMMAND_GIVEN.match(option.text) and command.text:
                outer, self.before = self.before, command.line - 1
                self.block(_parser().parse(command.text.encode()).root_node, incoming)
                self.before = outer

    def _files(self, words: list[Value]) -> list[Value]:
        """The words that may name files."""
        names = [(word, place(word, self.program)) for word in words]
        return [word for word, name in names if name and not name.startswith("-")]

    def _kept(self, program: str, given: list[Value]) -> list[Value]:
        kept, skip = [], False
        for word in given:
            if skip:
                skip = False
            elif word.text in _LEFT_OUT and program in (
                "curl",
                "wget",
                "ssh",
                "scp",
                "rsync",
                "docker",
                "kubectl",
                "http",
            ):
                skip = True
            else:
                kept.append(word)
        return kept

    def _while_statement(self, node: Node, incoming: Value | None) -> Value:
        return self.block(node, incoming)

    def _comment(self, node: Node, incoming: Value | None) -> Value:
        return Value(self.module, 0)

    _test_command = _comment

    def word(self, node: Node) -> Value:
        """A word of a command, the values of its names in it."""
        line = self.line(node)
        if node.type in ("word", "string_content", "heredoc_content", "number", "extglob_pattern", "variable_name"):
            return Value(self.module, line, text=re.sub(r"\\(.)", r"\1", _text(node)))
        if node.type == "raw_string":
            return Value(self.module, line, text=_text(node)[1:-1])
        if node.type == "ansi_c_string":
            return Value(self.module, line, call="echo", parts=(Value(self.module, line, text=_text(node)),))
        if node.type in ("command_substitution", "process_substitution"):
            return self.block(node)
        if node.type == "simple_expansion" or (node.type == "expansion" and len(node.named_children) == 1):
            return self._variable(_text(node.named_children[0]), line)
        if node.type == "expansion":
            first, *rest = node.named_children
            return self._of(node, self._variable(_text(first), line), *map(self.word, rest))
        if node.type == "heredoc_body" and not node.named_children:
            return Value(self.module, line, text=_text(node))
        if node.type == "string":
            return Value(self.module, line, parts=tuple(map(self.word, node.named_children)))
        return self._of(node, *map(self.word, node.named_children))

    def _variable(self, name: str, line: int) -> Value:
        if name.isdigit() and self.function:
            return Value(self.module, line, name=f"{self.module}:{self.function}.{name}")
        known = name in self.assigned or f"{self.module}:${name}" in self.program.bound
        return Value(self.module, line, name=f"{self.module}:${name}" if known else f"${name}")


def _names_output(program: str, option: str) -> bool:
    """Whether the word behind an option is the file that a command writes; curl's `-O` names none."""
    if program in _SHORT_OUTPUT and re.fullmatch(rf"-\w*{_SHORT_OUTPUT[program]}", option):
        return True
    return option in _TO_FILE and not (program == "curl" and option == "-O")


_WORDS = frozenset({
    "command_name", "word", "string", "raw_string", "ansi_c_string", "concatenation", "simple_expansion", "expansion",
    "command_substitution", "process_substitution", "number",
})  # fmt: skip


def place(value: Value, program: Program, depth: int = 0) -> str:
    """The text of a word, names with one known value replaced by it."""
    if value.text:
        return value.text
    if value.name:
        bound = program.bound.get(value.name, ())
        if len(bound) == 1 and depth < 5 and not any(each.call for each in bound[0].walk()):
            return place(bound[0], program, depth + 1)
        return "$" + value.name.rpartition("$")[2]
    if value.call:
        return "$()"
    return "".join(place(part, program, depth) for part in value.parts)


def folders(name: str) -> list[str]:
    """A file and the folders it lies in, those of everybody left out."""
    name = name.rstrip("/")
    found: list[str] = []
    while name and name not in (".", "..", "~", "/tmp", "$HOME", "/", "$PWD", "-") and len(found) < 4:
        found.append(name)
        name = name.rpartition("/")[0]
    return found


def _is_setting(word: str) -> bool:
    return word.startswith("-") or bool(re.match(r"[A-Za-z_]\w*=|\d", word))


def _text(node: Node) -> str:
    return node.text.decode() if node.text is not None else ""
