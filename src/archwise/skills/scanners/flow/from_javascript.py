"""JavaScript and TypeScript programs, by tree-sitter's grammar of TypeScript."""

import functools
import re
from pathlib import PurePosixPath

from tree_sitter import Language, Node, Parser
from tree_sitter_typescript import language_tsx, language_typescript

from archwise.skills.scanners.flow.program import LOOKED_FOR, Program, Value, result

_INDIRECT = re.compile(r"\(\s*\w+\s*,\s*eval\s*\)$")
_FUNCTIONS = frozenset(
    {
        "function_declaration",
        "function_expression",
        "arrow_function",
        "method_definition",
        "generator_function_declaration",
    }
)
_LEFT_OUT = frozenset({"env", "headers", "auth", "cwd", "agent", "timeout"})
"""Options through which a program gets what is its own: nothing of it is sent or shown."""


def add(program: Program, module: str, path: str, text: str, modules: frozenset[str]) -> None:
    """Adds a file; ``modules`` are the names of the skill's other ones."""
    tree = _parser(path.endswith((".ts", ".mts", ".cts"))).parse(text.encode())
    _Reader(program, module, modules, tree.root_node).block(tree.root_node)


@functools.cache
def _parser(typed: bool) -> Parser:
    return Parser(Language(language_typescript() if typed else language_tsx()))


class _Reader:
    def __init__(self, program: Program, module: str, modules: frozenset[str], root: Node) -> None:
        self.program, self.module, self.modules = program, module, modules
        self.imported: dict[str, str] = {}
        self.scopes: list[dict[str, str]] = [{name: f"{module}:{name}" for name in _declared(root)}]
        self.function = 0

    def block(self, node: Node) -> None:
        for child in node.named_children:
            self.read(child)

    def read(self, node: Node) -> Value:
        """What an expression is; a statement is read for what it does."""
        reader = getattr(self, f"_{node.type}", None)
        if reader is not None:
            return reader(node)  # type: ignore[no-any-return]
        if node.type in _FUNCTIONS:
            return self._defined(node)
        return self._of(node, *(self.read(child) for child in node.named_children))

    def _of(self, node: Node, *parts: Value) -> Value:
        kept = tuple(part for part in parts if part.text or part.name or part.call or part.parts or part.function)
        return Value(self.module, node.start_point[0] + 1, parts=kept) if len(kept) != 1 else kept[0]

    def _identifier(self, node: Node) -> Value:
        return Value(self.module, node.start_point[0] + 1, name=self._resolve(_text(node)))

    _shorthand_property_identifier = _identifier

    def _string(self, node: Node) -> Value:
        return Value(self.module, node.start_point[0] + 1, text="".join(map(_unescaped, node.named_children)))

    def _string_fragment(self, node: Node) -> Value:
        return Value(self.module, node.start_point[0] + 1, text=_text(node))

    def _regex(self, node: Node) -> Value:
        plain = _text(node).strip("/").lstrip("^").replace("\\", "")
        self.program.bind(LOOKED_FOR, Value(self.module, node.start_point[0] + 1, text=plain))
        return Value(self.module, node.start_point[0] + 1)

    def _comment(self, node: Node) -> Value:
        return Value(self.module, node.start_point[0] + 1)

    _type_annotation = _interface_declaration = _type_alias_declaration = _comment

    def _member_expression(self, node: Node) -> Value:
        name = self._dotted(node)
        if name:
            return Value(self.module, node.start_point[0] + 1, name=name)
        return self.read(node.named_children[0])

    def _subscript_expression(self, node: Node) -> Value:
        owner, *keys = node.named_children
        if keys and keys[0].type in ("string", "number"):
            parts = (self.read(keys[0]),)
            return Value(self.module, node.start_point[0] + 1, call="[]", parts=parts, receiver=self.read(owner))
        return self._of(node, self.read(owner), *map(self.read, keys))

    def _pair(self, node: Node) -> Value:
        key, value = node.named_children[0], node.named_children[-1]
        found = self.read(value)
        return Value(self.module, 0) if _text(key).strip("\"'") in _LEFT_OUT else found

    def _import_statement(self, node: Node) -> Value:
        source = _text(node.named_children[-1]).strip("\"'`").removeprefix("node:")
        for clause in node.named_children[:-1]:
            for name in _descendants(clause, "import_specifier"):
                whole = [_text(child) for child in name.named_children]
                self.imported[whole[-1]] = self._member_of(source, whole[0])
            for name in clause.named_children:
                if name.type in ("identifier", "namespace_import"):
                    self.imported[_text(name).rpartition(" ")[2]] = self._member_of(source, "")
        return Value(self.module, 0)

    def _variable_declarator(self, node: Node) -> Value:
        target, value = node.named_children[0], node.child_by_field_name("value")
        if value is None:
            return Value(self.module, 0)
        source = _required(value)
        if source is not None:
            if target.type == "identifier":
                self.imported[_text(target)] = self._member_of(source, "")
            for child in target.named_children:
                whole = [_text(each) for each in child.named_children] or [_text(child)]
                self.imported[whole[-1]] = self._member_of(source, whole[0])
            for name in _names(target):
                self.scopes[-1].pop(name, None)
            return Value(self.module, 0)
        found = self.read(value)
        self._assign(target, found)
        return found

    def _assignment_expression(self, node: Node) -> Value:
        target, value = node.named_children[0], self.read(node.named_children[-1])
        self._assign(target, value)
        if target.type == "member_expression" and _text(target.named_children[-1]).startswith("on"):
            self._handed(target.named_children[0], value)
        return value

    _augmented_assignment_expression = _assignment_expression

    def _for_in_statement(self, node: Node) -> Value:
        target, source = node.child_by_field_name("left"), node.child_by_field_name("right")
        if target is not None and source is not None:
            self._assign(target, self.read(source))
        body = node.child_by_field_name("body")
        return self.read(body) if body is not None else Value(self.module, 0)

    def _return_statement(self, node: Node) -> Value:
        found = self._of(node, *map(self.read, node.named_children))
        self.program.bind(result(self.function), found)
        return found

    _yield_expression = _return_statement

    def _binary_expression(self, node: Node) -> Value:
        parts = [self.read(child) for child in node.named_children]
        operator = node.child_by_field_name("operator")
        sign = _text(operator) if operator is not None else ""
        if sign == "^":
            return Value(self.module, node.start_point[0] + 1, call="^", parts=tuple(parts))
        return self._of(node, *parts) if sign in ("+", "??", "||", "&&") else Value(self.module, 0)

    def _call_expression(self, node: Node) -> Value:
        called, given = node.named_children[0], node.child_by_field_name("arguments")
        if called.type == "member_expression":
            name, receiver = self._dotted(called), self.read(called.named_children[0])
            if not name or "." in name.partition(":")[2]:
                name = f".{_text(called.named_children[-1])}"
        elif called.type in ("identifier", "import"):
            name, receiver = self._resolve(_text(called)), None
        else:
            name, receiver = "eval" if _INDIRECT.match(_text(called)) else "?", self.read(called)
        parts = tuple(self.read(child) for child in given.named_children) if given is not None else ()
        call = Value(self.module, node.start_point[0] + 1, call=name, parts=parts, receiver=receiver)
        self.program.calls.append(call)
        return call

    def _new_expression(self, node: Node) -> Value:
        given = node.child_by_field_name("arguments")
        parts = tuple(self.read(child) for child in given.named_children) if given is not None else ()
        name = self._dotted(node.named_children[0])
        call = Value(self.module, node.start_point[0] + 1, call=f"new {name}", parts=parts)
        self.program.calls.append(call)
        return call

    def _defined(self, node: Node) -> Value:
        given = node.child_by_field_name("parameters") or node.child_by_field_name("parameter")
        names = [name for child in _parameters(given) for name in _names(child)[:1]] if given is not None else []
        more = [name for child in _parameters(given) for name in _names(child)] if given is not None else []
        number = len(self.program.parameters) + 1
        local = {name: f"{self.module}:{number}.{name}" for name in (*more, *_declared(node))}
        self.program.define(tuple(local[name] for name in names))
        for first, child in zip(names, _parameters(given) if given is not None else (), strict=False):
            for other in _names(child)[1:]:  # of one that is taken apart, each piece
                self.program.bind(local[other], Value(self.module, node.start_point[0] + 1, name=local[first]))
        found = Value(self.module, node.start_point[0] + 1, function=number)
        name_node = node.child_by_field_name("name")
        if name_node is not None:
            self.program.bind(self._resolve(_text(name_node)), found)
        self.scopes.append(local)
        outer, self.function = self.function, number
        body = node.child_by_field_name("body")
        if body is not None:
            value = self.read(body)
            if body.type != "statement_block":
                self.program.bind(result(number), value)
        self.function = outer
        self.scopes.pop()
        return found

    def _handed(self, receiver: Node, handler: Value) -> None:
        """A function that is told to wait for what comes from a connection: ``socket.onmessage = …``."""
        call = Value(self.module, handler.line, call=".on", parts=(handler,), receiver=self.read(receiver))
        self.program.calls.append(call)

    def _assign(self, target: Node, value: Value) -> None:
        if target.type in ("identifier", "member_expression"):
            name = self._dotted(target)
            if name and not name.startswith("process.env"):
                self.program.bind(name, value)
        elif target.type == "subscript_expression":
            self._assign(target.named_children[0], value)
        else:
            picked = [_text(each) for each in target.named_children if each.type == _SHORTHAND]
            for name in _names(target):
                key = (Value(self.module, value.line, text=name),)
                one = Value(self.module, value.line, call="[]", parts=key, receiver=value) if name in picked else value
                self.program.bind(self._resolve(name), one)

    def _dotted(self, node: Node) -> str:
        """The name of a variable or of a member of one; empty where it is none."""
        if node.type in ("identifier", "this"):
            return self._resolve(_text(node))
        if node.type == "member_expression":
            owner, member = node.named_children[0], node.named_children[-1]
            required = _required(owner)
            if required is not None:
                return self._member_of(required, _text(member))
            before = self._dotted(owner)
            return f"{before}{'' if before.endswith(':') else '.'}{_text(member)}" if before else ""
        return ""

    def _member_of(self, source: str, member: str) -> str:
        stem = PurePosixPath(source).name.partition(".")[0]
        if source.startswith(".") and stem in self.modules:
            return f"{stem}:{member}"
        return f"{source}.{member}" if member and member != "default" else source

    def _resolve(self, name: str) -> str:
        for scope in reversed(self.scopes):
            if name in scope:
                return scope[name]
        return f"{self.module}:this" if name == "this" else self.imported.get(name, name)


def _text(node: Node) -> str:
    return node.text.decode() if node.text is not None else ""


_SHORTHAND = "shorthand_property_identifier_pattern"
"""A member that a pattern takes out of an object, by its own name."""
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "\0"}


def _unescaped(node: Node) -> str:
    text = _text(node)
    return _ESCAPES.get(text[1:2], text[1:2]) if node.type == "escape_sequence" and len(text) == 2 else text


def _required(node: Node) -> str | None:
    """The module that ``require`` or ``await import`` brings."""
    if node.type == "await_expression":
        node = node.named_children[0]
    if node.type != "call_expression" or _text(node.named_children[0]) not in ("require", "import"):
        return None
    given = node.child_by_field_name("arguments")
    first = given.named_children[0] if given is not None and given.named_children else None
    return _text(first).strip("\"'`").removeprefix("node:") if first is not None and first.type == "string" else None


def _parameters(node: Node) -> list[Node]:
    return [node] if node.type == "identifier" else node.named_children


def _names(node: Node) -> list[str]:
    """The names that a target or parameter binds, its types left out."""
    if node.type in ("identifier", _SHORTHAND):
        return [_text(node)]
    if node.type in ("type_annotation", "property_identifier"):
        return []
    return [name for child in node.named_children for name in _names(child)]


def _declared(node: Node) -> set[str]:
    """The names that a module or function declares, not those of the functions in it."""
    found: set[str] = set()
    waiting = list(node.named_children)
    while waiting:
        each = waiting.pop()
        if each.type == "variable_declarator":
            found.update(_names(each.named_children[0]))
        elif each.type == "for_in_statement":
            left = each.child_by_field_name("left")
            found.update(_names(left) if left is not None else ())
        elif each.type in ("function_declaration", "generator_function_declaration"):
            name = each.child_by_field_name("name")
            found.update([_text(name)] if name is not None else ())
        if each.type not in _FUNCTIONS:
            waiting += each.named_children
    return found


def _descendants(node: Node, kind: str) -> list[Node]:
    found = [node] if node.type == kind else []
    return found + [each for child in node.named_children for each in _descendants(child, kind)]
