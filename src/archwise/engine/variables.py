"""Where a program reads environment variables, and which of them its settings classes read for it."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import msgspec

from archwise.engine import ir
from archwise.engine.layers import is_application
from archwise.engine.values import External

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archwise.engine.inference import Inference
    from archwise.engine.program import Code

_ENVIRON = "os.environ"
_READING = {"os.getenv", "os.environ.get"}
_ALIASES = ("validation_alias", "alias", "env")
_OF_THE_SYSTEM = frozenset(
    {
        *("PATH", "HOME", "USER", "USERNAME", "LOGNAME", "SHELL", "PWD", "TERM", "LANG", "LANGUAGE", "TZ", "HOSTNAME"),
        *("TMPDIR", "TEMP", "TMP", "EDITOR", "VISUAL", "PAGER", "BROWSER", "DISPLAY", "WAYLAND_DISPLAY", "COLORTERM"),
        *("COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "CI", "WT_SESSION", "PATHEXT", "COMSPEC", "SYSTEMROOT"),
        *("WINDIR", "APPDATA", "LOCALAPPDATA", "PROGRAMDATA", "PROGRAMFILES", "USERPROFILE", "LD_LIBRARY_PATH"),
        *("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "CONDA_PREFIX", "CUDA_VISIBLE_DEVICES"),
    }
)
_PREFIXES_OF_THE_SYSTEM = ("XDG_", "LC_", "SSH_", "DBUS_", "OBJC_")
"""Variables that the system, the shell or the terminal sets: what they hold is no setting of the program."""


class Reading(msgspec.Struct, frozen=True, gc=False):
    """One reading of a variable; ``default`` is the literal it falls back to, as text, None where there is none."""

    code: Code
    op: int
    variable: str
    default: str | None


class Setting(msgspec.Struct, frozen=True, gc=False):
    """A field that a settings class fills from the environment."""

    cls: Code
    name: str
    variable: str


class Variables:
    """What a program takes from its environment."""

    def __init__(self, inference: Inference) -> None:
        self._inference = inference

    @functools.cached_property
    def reads(self) -> tuple[Reading, ...]:
        """The readings, in the application's own modules, of variables whose names are written out and its own."""
        return tuple(self._find_reads())

    @functools.cached_property
    def settings(self) -> dict[str, Setting]:
        """The fields of settings classes by the variable, in capitals, that fills them."""
        found: dict[str, Setting] = {}
        for cls in self._inference.program.classes:
            if cls.scope.bases and self._is_settings(cls):
                for setting in self._fields(cls):
                    found.setdefault(setting.variable, setting)
        return found

    def _find_reads(self) -> Iterator[Reading]:
        program = self._inference.program
        for module in program.by_name:
            if "os" in module.summary.imports and is_application(module):
                for code in module.codes:
                    for index, op in enumerate(code.scope.ops):
                        read = self._read(code, index, op)
                        if read is not None and not _is_of_script(code, getattr(op, "block", 0)):
                            yield read

    def _read(self, code: Code, index: int, op: ir.AnyOp) -> Reading | None:
        ops = code.scope.ops
        if isinstance(op, ir.Call) and ir.identifier(ops[op.function]) in ("getenv", "get") and op.arguments:
            if any(isinstance(v, External) and v.name in _READING for v in self._inference.values(code, op.function)):
                given = op.argument(1, "default")
                return self._made(code, index, op.arguments[0], given)
        elif isinstance(op, ir.Item) and ir.identifier(ops[op.value]) == "environ":
            found = External(_ENVIRON) in self._inference.values(code, op.value)
            return self._made(code, index, op.key, 0) if found else None
        return None

    def _made(self, code: Code, index: int, key: int, default: int) -> Reading | None:
        name, given = code.scope.ops[key], code.scope.ops[default]
        if not isinstance(name, ir.Constant) or name.kind != "str" or _is_of_system(name.text):
            return None
        literal = isinstance(given, ir.Constant) and given.kind in ("str", "number", "bool")
        return Reading(code, index, name.text, given.text if isinstance(given, ir.Constant) and literal else None)

    # -- settings classes

    def _is_settings(self, cls: Code) -> bool:
        return any(base.rpartition(".")[2] == "BaseSettings" for base in self._inference.classes.external_bases(cls))

    def _fields(self, cls: Code) -> Iterator[Setting]:
        prefix = self._prefix(cls)
        if prefix is None:
            return
        for name, bindings in cls.scope.bindings.items():
            if bindings[0].annotation and not name.startswith("_") and name != "model_config":
                yield Setting(cls, name, _alias(cls, bindings[0].value) or f"{prefix}{name}".upper())

    def _prefix(self, cls: Code) -> str | None:
        """What stands before a field's name in its variable; None where that cannot be read."""
        for base in self._inference.classes.order(cls):
            if isinstance(base, str):
                continue
            for binding in base.scope.bindings.get("model_config", ()):
                op = base.scope.ops[binding.value]
                if isinstance(op, ir.Call):
                    given = dict(op.keywords).get("env_prefix")
                    return "" if given is None else _text(base, given)
                return None
            for inner in base.inner:
                if inner.scope.name == "Config" and "env_prefix" in inner.scope.bindings:
                    return _text(inner, inner.scope.bindings["env_prefix"][0].value)
        return ""


def _alias(cls: Code, value: int) -> str:
    op = cls.scope.ops[value]
    keywords = dict(op.keywords) if isinstance(op, ir.Call) else {}
    return next((_text(cls, keywords[name]) or "" for name in _ALIASES if name in keywords), "")


def _text(code: Code, index: int) -> str | None:
    op = code.scope.ops[index]
    return op.text if isinstance(op, ir.Constant) and op.kind == "str" else None


def _is_of_system(variable: str) -> bool:
    return variable in _OF_THE_SYSTEM or variable.startswith(_PREFIXES_OF_THE_SYSTEM)


def _is_of_script(code: Code, block: int) -> bool:
    """Whether a block runs only where its module is run as a script."""
    return any(each.kind == "main" for each in code.around(block))
