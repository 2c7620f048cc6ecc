"""Python programs, by the standard library's parser."""

import ast
from collections.abc import Iterable

from archwise.skills.scanners.flow.program import LOOKED_FOR, Program, Value, result
from archwise.skills.scanners.python_tree import literal

_FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_LEFT_OUT = frozenset({"env", "headers", "auth", "cert", "verify", "key_filename", "timeout"})
"""Keyword arguments through which a program gets what is its own: nothing of it is sent or shown."""


def add(program: Program, module: str, tree: ast.Module, modules: frozenset[str]) -> None:
    """Adds a file; ``modules`` are the names of the skill's other ones."""
    _Reader(program, module, modules, tree).block(tree.body)


class _Reader:
    def __init__(self, program: Program, module: str, modules: frozenset[str], tree: ast.Module) -> None:
        self.program, self.module, self.modules = program, module, modules
        self.imported: dict[str, str] = {}
        self.scopes: list[dict[str, str]] = [{name: f"{module}:{name}" for name in _assigned(tree)}]
        self.function = 0
        for node in ast.walk(tree):
            self._import(node)

    def _import(self, node: ast.AST) -> None:
        if isinstance(node, ast.Import):
            for alias in node.names:
                whole = alias.name if alias.asname else alias.name.partition(".")[0]
                self.imported[alias.asname or whole] = f"{whole}:" if whole in self.modules else whole
        elif isinstance(node, ast.ImportFrom):
            stem = (node.module or "").rpartition(".")[2]
            for alias in node.names:
                own = f"{stem}:{alias.name}" if stem in self.modules else f"{node.module or ''}.{alias.name}"
                self.imported[alias.asname or alias.name] = f"{alias.name}:" if alias.name in self.modules else own

    def block(self, statements: Iterable[ast.stmt]) -> None:
        for statement in statements:
            self.statement(statement)

    def statement(self, node: ast.stmt) -> None:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            self.program.bind(self.resolve(node.name), self.defined(node, node.body))
            return
        if isinstance(node, ast.ClassDef):
            self.block(node.body)
            return
        if isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign)) and node.value is not None:
            value = self.value(node.value)
            loaded = _loaded(self.dotted(node.value.func), node.value) if isinstance(node.value, ast.Call) else ""
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                self.assign(target, value)
                if loaded and isinstance(target, ast.Name):
                    next((scope for scope in reversed(self.scopes) if target.id in scope), self.imported)[target.id] = (
                        loaded
                    )
        elif isinstance(node, (ast.For, ast.AsyncFor)):
            self.assign(node.target, self.value(node.iter))
        elif isinstance(node, (ast.With, ast.AsyncWith)):
            for item in node.items:
                value = self.value(item.context_expr)
                if item.optional_vars is not None:
                    self.assign(item.optional_vars, value)
        elif isinstance(node, ast.Return) and node.value is not None:
            self.program.bind(result(self.function), self.value(node.value))
        else:
            for child in ast.iter_child_nodes(node):
                if isinstance(child, ast.expr):
                    self.value(child)
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.stmt):
                self.statement(child)
            elif isinstance(child, (ast.ExceptHandler, ast.match_case)):
                self.block(child.body)

    def assign(self, target: ast.expr, value: Value) -> None:
        if isinstance(target, (ast.Tuple, ast.List)):
            for each in target.elts:
                self.assign(each, value)
        elif isinstance(target, (ast.Subscript, ast.Starred)):
            self.assign(target.value, value)
        else:
            name = self.dotted(target)
            if name and name not in ("os.environ", "os.environb"):
                self.program.bind(name, value)

    def defined(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, body: list[ast.stmt]) -> Value:
        arguments = node.args
        names = [each.arg for each in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]
        names = names[1:] if names[:1] in (["self"], ["cls"]) else names
        number = self.program.define(
            tuple(f"{self.module}:{len(self.program.parameters) + 1}.{name}" for name in names)
        )
        local = {name: f"{self.module}:{number}.{name}" for name in (*names, *_assigned(node))}
        self.scopes.append(local)
        outer, self.function = self.function, number
        if isinstance(node, ast.Lambda):
            self.program.bind(result(number), self.value(node.body))
        self.block(body)
        self.function = outer
        self.scopes.pop()
        return Value(self.module, node.lineno, function=number)

    def value(self, node: ast.expr) -> Value:
        line = node.lineno
        if isinstance(node, ast.Constant):
            return Value(self.module, line, text=node.value if isinstance(node.value, str) else "")
        if isinstance(node, ast.Name):
            return Value(self.module, line, name=self.resolve(node.id))
        if isinstance(node, ast.Attribute):
            name = self.dotted(node)
            return Value(self.module, line, name=name) if name else self.value(node.value)
        if isinstance(node, ast.Lambda):
            return self.defined(node, [])
        if isinstance(node, ast.Call):
            return self.called(node)
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
            owner, key = self.value(node.value), self.value(node.slice)
            return Value(self.module, line, call="[]", parts=(key,), receiver=owner)
        if isinstance(node, (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)):
            for each in node.generators:
                self.assign(each.target, self.value(each.iter))
        if isinstance(node, (ast.Yield, ast.YieldFrom)) and node.value is not None:
            value = self.value(node.value)
            self.program.bind(result(self.function), value)
            return value
        if isinstance(node, ast.Compare):
            for child in (node.left, *node.comparators):
                self.program.bind(LOOKED_FOR, self.value(child))
            return Value(self.module, line)
        if isinstance(node, ast.NamedExpr):
            self.assign(node.target, self.value(node.value))
        parts = [self.value(child) for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)]
        decoded = isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitXor)
        return Value(self.module, line, call="^" if decoded else "", parts=tuple(parts))

    def called(self, node: ast.Call) -> Value:
        name, receiver = self.dotted(node.func), None
        if isinstance(node.func, ast.Attribute):
            receiver = self.value(node.func.value)
            if not name or "." in name.partition(":")[2]:
                name = f".{node.func.attr}"
        elif not isinstance(node.func, ast.Name):
            receiver = self.value(node.func)
        given = [self.value(each) for each in node.args]
        given += [self.value(each.value) for each in node.keywords if each.arg not in _LEFT_OUT]
        call = Value(self.module, node.lineno, call=name or "?", parts=tuple(given), receiver=receiver)
        self.program.calls.append(call)
        return call

    def dotted(self, node: ast.expr) -> str:
        """The name of a variable or of an attribute of one; empty where it is none."""
        if isinstance(node, ast.Name):
            return self.resolve(node.id)
        if isinstance(node, ast.Call) and node.args and literal(node.args[0]):
            return _loaded(self.dotted(node.func), node)
        if isinstance(node, ast.Attribute):
            owner = self.dotted(node.value)
            return f"{owner}{'' if owner.endswith(':') else '.'}{node.attr}" if owner else ""
        return ""

    def resolve(self, name: str) -> str:
        for scope in reversed(self.scopes):
            if name in scope:
                return scope[name]
        if name == "self":
            return f"{self.module}:self"
        return self.imported.get(name, name)


def _loaded(function: str, call: ast.Call) -> str:
    """The module that a call imports: of a dotted name the builtin gives the first, unless told which is wanted."""
    name = literal(call.args[0]) if call.args else ""
    if function == "importlib.import_module":
        return name
    if function == "__import__":
        whole = len(call.args) > 3 or any(keyword.arg == "fromlist" for keyword in call.keywords)
        return name if whole else name.partition(".")[0]
    return ""


def _assigned(node: ast.AST) -> set[str]:
    """The names that a module or a function binds, not those of the functions in it."""
    found: set[str] = set()
    waiting: list[ast.AST] = [*ast.iter_child_nodes(node)]
    while waiting:
        each = waiting.pop()
        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store):
            found.add(each.id)
        elif isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef)):
            found.add(each.name)
        if not isinstance(each, _FUNCTION):
            waiting += ast.iter_child_nodes(each)
    return found
