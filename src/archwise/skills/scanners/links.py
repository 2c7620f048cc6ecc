"""Links and downloads: where a skill's texts and programs point, and what lies there."""

import functools
import ipaddress
import re
import tomllib
from collections.abc import Iterator
from urllib.parse import urlsplit

import msgspec

from archwise.skills.scanners import rules
from archwise.skills.scanners.flow.literals import strangers
from archwise.skills.scanners.scanner import Alarm, Severity, SkippedError
from archwise.skills.skill import Skill

NAME = "links"
TITLE = "Links and downloads"
_RULES = "links.toml"
_LINK = re.compile(r"\b(?:https?|ftp|ws|wss)://[^\s\"'<>`)\]}|\\]+", re.IGNORECASE)
_SENDS = re.compile(r"\b(?:post|put|upload|send|-d|--data|-F|-T|json=|data=|body)\b|webhook", re.IGNORECASE)
_UPLOADS = re.compile(
    r"\bcurl\b[^\n]*\s(?:-d|--data\S*|-F|--form|-T|--upload-file|-X\s*POST)\s|\.(?:post|put)\(|method[\"']?\s*:\s*[\"']POST"
    r"|\b(?:upload|send|forward|back(?:ed|s)?\s*up|post|submit)(?:s|ed|ing)?\b",
    re.IGNORECASE,
)
_RUNS = re.compile(r"\b(?:run|execute|install|open|launch|double-click|start)\b|\|\s*(?:ba)?sh|chmod", re.IGNORECASE)
_AROUND = 200
"""Characters on each side of a link that tell what is done with it."""


class _Hosts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    collectors: tuple[str, ...]
    pastes: tuple[str, ...]
    hosting: tuple[str, ...]
    shorteners: tuple[str, ...]
    channels: tuple[str, ...]
    programs: tuple[str, ...]


def version() -> str:
    """The state of the lists of hosts."""
    return rules.version(_RULES)


def scan(skill: Skill) -> Iterator[Alarm]:
    """Links that lead where no skill's links need to lead.

    Raises:
        SkippedError: there is no link.
    """
    some = False
    seen: set[tuple[str, str, str]] = set()
    for path, text in skill.texts().items():
        if _LINK.fullmatch(text.strip()) and next(strangers(text), None) is not None:
            why = "holds nothing but the address of a server that is not known"
            yield Alarm("lone-address", "medium", path, 1, why, text.strip()[:200])
        for found in _LINK.finditer(text):
            some = True
            around = text[max(0, found.start() - _AROUND) : found.end() + _AROUND]
            link = found[0].rstrip(".,;:!?*")
            for rule, severity, why in _said(link, around):
                if (rule, path, link) not in seen:
                    seen.add((rule, path, link))
                    yield Alarm(rule, severity, path, text.count("\n", 0, found.start()) + 1, why, link[:200])
    if not some:
        raise SkippedError("no links in this skill")


def _said(link: str, around: str) -> Iterator[tuple[str, Severity, str]]:
    known = _hosts()
    try:
        parts = urlsplit(link)
        host = (parts.hostname or "").lower()
    except ValueError:
        return
    if any(re.match(pattern, link) for pattern in known.channels):
        yield (
            "channel-secret",
            "high",
            "posts to a channel whose address is written in: what is sent there reaches its owner",
        )
    if _under(host, known.collectors):
        yield (
            "collector",
            "high" if _SENDS.search(around) else "medium",
            "leads to a service that collects whatever is sent to it",
        )
    if _under(host, known.hosting) and _UPLOADS.search(around):
        yield "rented-collector", "medium", "sends data to a server that anybody may have put up"
    if _under(host, known.pastes):
        yield "paste", "high" if _RUNS.search(around) else "low", "leads to a place where anybody can put anything"
    if _under(host, known.shorteners):
        yield "shortened", "medium" if _RUNS.search(around) else "low", "hides where it leads"
    if _is_public_address(host):
        yield "bare-address", "medium", "leads to a machine without a name"
    if "xn--" in host or any(c.isalpha() and not c.isascii() for c in host):
        yield "look-alike-host", "medium", "has letters of another script in its host name"
    if "@" in parts.netloc and "." in parts.netloc.partition("@")[0] and "$" not in parts.netloc:
        yield "misleading-host", "high", "shows one host and leads to another"
    if parts.path.lower().endswith(tuple(suffix.lower() for suffix in known.programs)):
        trusted = parts.scheme == "https" and not _is_public_address(host)
        yield "program", "low" if trusted else "high", "leads to a program"


def _under(host: str, domains: tuple[str, ...]) -> bool:
    return any(host == domain or host.endswith("." + domain) for domain in domains)


def _is_public_address(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return False


@functools.cache
def _hosts() -> _Hosts:
    return msgspec.convert(tomllib.loads(rules.source(_RULES).decode()), _Hosts)
