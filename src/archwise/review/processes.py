"""Processes that a program shares its work out to, told from companions and from what a script beside it does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.review.uses import MANAGED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archwise.engine.program import Module
    from archwise.review.model import Place
    from archwise.review.serving import Serving
    from archwise.review.structure import Structure
    from archwise.review.uses import Uses

_POOLS = {"concurrent": ("ProcessPoolExecutor",), "multiprocessing": ("Pool",)}
"""What starts as many processes as there are processors, by the package that has it."""
_STARTS = {"concurrent": ("ProcessPoolExecutor",), "multiprocessing": ("Pool", "Process", "get_context")}
"""What starts any."""
_FEW = 2
_SHARE = 0.1
"""Share of modules that start processes, from which on it is how the program computes; what starts no pool of them
starts companions."""
_BEHIND_SHARE, _ONCE_SHARE = 0.02, 0.05
"""The same of what serves requests, and where one module alone starts a pool."""
_SCRIPTS_SHARE = 0.1
"""The same of scripts, each of which stands for itself."""


def shared_out(uses: Uses, serving: Serving, structure: Structure) -> list[Place]:
    """Where processes are started, if that is how it computes; what serves nobody needs but one place for all."""
    if structure.is_scripts:
        found = uses.making(_STARTS)
        return found if len(found) >= _SCRIPTS_SHARE * len(uses.application) else []
    found, pooled = _making(uses, _STARTS), bool(_making(uses, _POOLS))
    share = len(found) / max(1, len(uses.application))
    if serving.roots:
        several = len(found) >= _FEW and share >= _BEHIND_SHARE
        return found if several or (pooled and share >= _ONCE_SHARE) else []
    return found if pooled or (share >= _SHARE and len(found) >= _FEW) else []


def _making(uses: Uses, names: Mapping[str, tuple[str, ...]]) -> list[Place]:
    """Where modules first start them, but for what somebody runs by hand."""
    modules = (module for module in uses.application if MANAGED not in module.path)
    led_to = (module for module in modules if uses.shown(module.path) not in uses.alone)
    return sorted(place for module in led_to for place in _of_module(uses, module, names))


def _of_module(uses: Uses, module: Module, names: Mapping[str, tuple[str, ...]]) -> list[Place]:
    called = (name for root, each in names.items() if root in module.summary.imports for name in each)
    for name in called:
        for code, index in module.calls(name):
            if not any(block.kind == "main" for block in code.around(code.block_of(index))):
                line = getattr(code.scope.ops[index], "line", 1)
                return [uses.place(module, line, f"calls {name}")]
    return []
