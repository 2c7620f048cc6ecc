"""Which rules a list of selectors means: a code, a prefix of one, a name, or ``ALL``."""

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase

from archwise.rules.rule import Rule

ALL = "ALL"
_ALIKE = 0.6


class UnknownSelectorError(Exception):
    """A selector matches no rule; ``nearest`` is the valid one it resembles most."""

    def __init__(self, selector: str, nearest: str | None) -> None:
        hint = f": did you mean `{nearest}`?" if nearest else "; `archwise rules` lists them"
        super().__init__(f"unknown rule `{selector}`{hint}")
        self.selector = selector
        self.nearest = nearest


def matching(selector: str, rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """The rules that a selector names.

    Raises:
        UnknownSelectorError: it names none.
    """
    rules = tuple(rules)
    found = tuple(rule for rule in rules if _specificity(selector, rule))
    if not found:
        raise UnknownSelectorError(selector, _nearest(selector, rules))
    return found


def chosen(
    rules: Iterable[Rule], select: Iterable[str] = (), extend_select: Iterable[str] = (), ignore: Iterable[str] = ()
) -> frozenset[str]:
    """The codes that are on: the more specific selector wins, and ``ignore`` wins a tie.

    Without ``select`` the default rules are the start; a selector takes in preview and advice as well.
    """
    select, extend_select, ignore = tuple(select), tuple(extend_select), tuple(ignore)

    def wanted(rule: Rule) -> bool:
        started = 1 if not select and rule.default else 0
        on = max([started, *(_specificity(selector, rule) for selector in (*select, *extend_select))])
        off = max([0, *(_specificity(selector, rule) for selector in ignore)])
        return on > off

    return frozenset(rule.code for rule in rules if wanted(rule))


def ignored_in(path: str, per_file_ignores: Mapping[str, Iterable[str]], rules: Iterable[Rule]) -> frozenset[str]:
    """The codes that ``per-file-ignores`` switches off in a file; a glob may match its whole path or its name."""
    name = path.rpartition("/")[2]
    selectors = [
        selector
        for glob, selectors in per_file_ignores.items()
        if fnmatchcase(path, glob) or fnmatchcase(name, glob)
        for selector in selectors
    ]
    return frozenset(rule.code for rule in rules if any(_specificity(selector, rule) for selector in selectors))


def _specificity(selector: str, rule: Rule) -> int:
    if selector == ALL:
        return 1
    if selector == rule.name:
        return 1 + len(rule.code)
    return len(selector) + 1 if len(selector) > 1 and rule.code.startswith(selector) else 0


def _nearest(selector: str, rules: tuple[Rule, ...]) -> str | None:
    from difflib import SequenceMatcher

    if selector.startswith("AW"):
        return next((rule.code for rule in rules if _differs_in_one(selector, rule.code)), None)
    known = [ALL, *(name for rule in rules for name in (rule.code, rule.name))]
    nearness = {name: SequenceMatcher(None, selector.lower(), name.lower()).ratio() for name in known}
    nearest = max(known, key=nearness.__getitem__)
    return nearest if nearness[nearest] >= _ALIKE else None


def _differs_in_one(selector: str, code: str) -> bool:
    return len(selector) == len(code) and sum(a != b for a, b in zip(selector, code, strict=True)) == 1
