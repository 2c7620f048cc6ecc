"""The parts of a program that is shown by its packages: few enough to be seen, and none that hides all the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archwise.engine.program import Module

_MOST = 24
"""Parts on one map: more tell nothing."""
_MOSTLY = 0.5
"""Share of the modules that a package holds, from which on what it is made of is shown in its place."""
_MADE_OF = 12
"""Parts of such a package that are shown each."""
_BESIDE = 3
"""Modules beside the packages, from which on they are one part together."""

_Parts = dict[str, list["Module"]]


def packages(names: Mapping[Module, str]) -> dict[str, tuple[Module, ...]]:
    """The parts by name: the packages just below the one that holds all, and those of one that holds most.

    ``names`` are what modules are imported by. What all of them begin with is left away, and the package of that name.
    """
    prefix, parts = "", _below(names, "")
    while len(parts) == 1:
        only, modules = next(iter(parts.items()))
        deeper = _below({module: names[module] for module in modules if names[module] != only}, f"{only}.")
        if not deeper:
            break
        prefix, parts = f"{only}.", deeper
    largest = max(parts, key=lambda part: (len(parts[part]), part), default="")
    if len(parts.get(largest, ())) > _MOSTLY * len(names):
        made = _below({module: names[module] for module in parts[largest]}, f"{largest}.")
        if len(made) > 1:
            del parts[largest]
            parts |= _largest(made, _MADE_OF, f"{largest}, others")
    shown = _largest(parts, _MOST, "others")
    return {part.removeprefix(prefix): tuple(modules) for part, modules in sorted(shown.items())}


def _below(names: Mapping[Module, str], prefix: str) -> _Parts:
    """Modules by what stands just below ``prefix``; several that are no packages, and the package itself, are one."""
    found: _Parts = {}
    beside: list[Module] = []
    for module, name in names.items():
        head, deeper, _ = name.removeprefix(prefix).partition(".")
        if name + "." == prefix or not (deeper or module.is_package):
            beside.append(module)
        else:
            found.setdefault(f"{prefix}{head}", []).append(module)
    if len(beside) < _BESIDE or not found:
        return found | {names[module]: [module] for module in beside}
    return found | {f"{prefix}*": beside}


def _largest(parts: _Parts, most: int, rest: str) -> _Parts:
    """As many parts as may be, the largest, and all others as one."""
    if len(parts) <= most:
        return parts
    ranked = sorted(parts, key=lambda part: (-len(parts[part]), part))
    return {part: parts[part] for part in ranked[: most - 1]} | {
        rest: [module for part in ranked[most - 1 :] for module in parts[part]]
    }
