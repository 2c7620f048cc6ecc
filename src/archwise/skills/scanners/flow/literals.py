"""What a text that is written into a program, or a command that is, says of the data behind it.

Labels: secret, environment (the whole of it), variable (one that holds a credential), watched (what the user types or
shows), network (sent by an unknown server; ``from known`` by a known one), decoded, connection, itself (the skill),
walked (found in a tree of files), home, known host, unknown host. ``some network`` and ``some decoded`` stand behind
what is written down.
"""

import functools
import itertools
import re
from collections.abc import Iterator

from archwise.skills.scanners.flow.program import Value
from archwise.skills.scanners.flow.roles import knowledge

Origins = dict[str, Value]
"""The labels of a value, each with where it came from; ``function N`` for the functions that it may be."""

_ADDRESS = re.compile(
    r"\b(?:https?|wss?|ftp)://(?:[^/@\s]*@)?(\[[^\]]+\]|[\w.${}()-]+)|(?<![\w.=~^<>-])(\d{1,3}(?:\.\d{1,3}){3})\b"
)
_HOST_GIVEN = re.compile(
    r"\b(?:host|server|hostname|relay|endpoint|smtp_?host|SMTP(?:_SSL)?|FTP|connect|Dial|createConnection|gethostbyname|HTTPSConnection)"
    r"\b[\"']?\s*[:=(]+[^\n\"']{0,40}[\"']((?:[a-z0-9-]+\.)+[a-z]{2,})[\"':]"
)
_UNDER = re.compile(r"\b(?:https?|wss?)://[^\s/]{0,60}\}\.((?:[a-z0-9-]+\.)+[a-z]{2,})(?=[/:?\"'`\s])")
"""A host whose first part is put together as the program runs."""
_LONGEST_PLACE, _OCTET = 200, 255
_MADE_UP = re.compile(
    r"[${}()<>%*|\\\]\[]|^(?:\d+\.){0,3}0(?:\.|$)|^(?:10|127|0|255)\.|^192\.168\.|^172\.(?:1[6-9]|2\d|3[01])\.|^169\.254\.|^192\.0\.2\.|^198\.51\.100\."
    r"|(?:^|\.)(?:w3|xmlsoap|openxmlformats|schema|json-schema|schemastore|purl)\.|\.(?:local|test|internal|example|invalid|lan|svc)$"
    r"|(?:^|[.-])(?:example|your|my\w*|acme|yourcompany|contoso|foo|bar|test|host|hostname|domain|service|project\w*|x{2,}|orders-service|adb-\w+)(?:[.-]|$)"
)
"""A host that stands for another: a blank, an address of one's own network, an example, the name of a schema."""

_SERVER = re.compile(
    r"https?://([^\s/\"'`)|?]*)|/dev/tcp/([^\s/\"'`]+)|(?<![\w.@/-])((?:attacker|evil|malicious)\.(?:com|net|org|io|example))\b"
    r"|\b(?:curl|wget|echo)\s+(?:-\S+\s+)*[\"']?(…|\.{3})(?=[\s\"'])"
)
_EXAMPLE = re.compile(
    r"^(?:…|\.{3}|<|[A-Z]{2}[A-Z_]*$|192\.0\.2\.|198\.51\.100\.)|(?:^|\.)(?:example|attacker|evil|malicious)(?:\.\w+)?$"
)
"""A blank in place of a host, or one that teachers give to attackers."""


def of_text(value: Value) -> Origins:
    """The labels of a literal."""
    found: Origins = {}
    if is_secret_place(value.text):
        found["secret"] = value
    if value.text in ("~", "~/", "$HOME"):
        found["home"] = value
    for address in _ADDRESS.finditer(value.text[:2_000]):
        found["known host" if _is_known(address[1] or address[2]) else "unknown host"] = value
    return found


def strangers(text: str) -> Iterator[str]:
    """The hosts that a text names and that are not known, nor made up for an example or put together as it runs."""
    for address in itertools.chain(_ADDRESS.finditer(text), _HOST_GIVEN.finditer(text), _UNDER.finditer(text)):
        host = next(group for group in address.groups() if group).partition(":")[0].rstrip(".")
        if "." in host and not _MADE_UP.search(host) and not _is_known(host) and not _is_number(host):
            yield host


def is_made_up(host: str) -> bool:
    """Whether a host stands for another: a blank, an example, the name of a schema."""
    return bool(_MADE_UP.search(host))


def _is_number(host: str) -> bool:
    """Whether digits and dots are no address: a version, the path of a drawing."""
    return host.replace(".", "").isdigit() and any(
        int(part) > _OCTET or part != str(int(part)) for part in host.split(".")
    )


def names_only_examples(text: str) -> bool:
    """Whether a text names servers, and all of them are made up for an example, or say that they are an attacker's."""
    hosts = [next(filter(None, groups), "") for groups in _SERVER.findall(text)]
    return bool(hosts) and all(_EXAMPLE.search(host) for host in hosts)


def is_secret_place(text: str) -> bool:
    """Whether a text names a place whose content is secret."""
    return len(text) < _LONGEST_PLACE and ".pub" not in text and bool(_secret().search(text.replace("\\", "/")))


@functools.cache
def _secret() -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, knowledge().secret_places)), re.IGNORECASE)


def _is_known(host: str) -> bool:
    host = host.partition(":")[0].lower()
    return any(host == each or host.endswith(f".{each}") for each in knowledge().known_hosts)


_DECODING = re.compile(r"^(?:-d|-D|--decode|-\w*d|-r)$")
_STORES = re.compile(
    r"^(?:security (?:dump-keychain|find-\w+-password)|kubectl get secrets?|gh auth token|op (?:read|item get)"
    r"|bw (?:export|get)|pass show|terraform state pull|aws configure (?:export-credentials|get)"
    r"|az account get-access-token|gcloud auth print-\w+-token|vault (?:kv get|read)|doppler secrets)\b"
)


def of_command(call: Value, said: list[str]) -> Origins:
    """What a shell's command prints that its arguments do not hold."""
    here = Value(call.module, call.line, text=call.call)
    words = " ".join(text for text in said if not text.startswith("-"))
    if call.call in ("env", "printenv") and call.receiver is None and len(call.parts) == 1:
        return {"environment": here}
    if _STORES.match(words) and "metadata.name" not in words:
        return {"secret": Value(call.module, call.line, text=words[:60])}
    if call.call in ("base64", "openssl", "xxd", "base32", "gbase64") and any(map(_DECODING.match, said)):
        return {"decoded": here}
    if call.call in ("printf", "echo") and any(text.count("\\x") > 3 for text in said):
        return {"decoded": here}
    return {}
