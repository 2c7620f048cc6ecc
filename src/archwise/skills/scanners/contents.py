"""Archives and binaries: what the other scanners cannot read, and files that are not what they are called."""

import io
import stat
import zipfile
from collections.abc import Iterator
from pathlib import PurePosixPath

from archwise.skills.scanners.scanner import Alarm, Severity, SkippedError, installed
from archwise.skills.skill import Skill

NAME = "contents"
TITLE = "Archives and binaries"

_EXECUTABLE: dict[bytes, str] = {
    b"MZ": "a Windows program", b"\x7fELF": "a Linux program", b"\xcf\xfa\xed\xfe": "a macOS program",
    b"\xce\xfa\xed\xfe": "a macOS program", b"\xca\xfe\xba\xbe": "a Java class or macOS program",
    b"dex\n": "an Android program",
    b"\0asm": "a WebAssembly program",
}  # fmt: skip
_BYTECODE = frozenset({".pyc", ".pyo", ".class", ".jar", ".pyd", ".so", ".dylib", ".dll", ".node", ".wasm"})
_ARCHIVES = frozenset({".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar", ".whl", ".egg", ".apk", ".skill"})
_OFFICE = frozenset({".docx", ".xlsx", ".pptx", ".odt", ".epub", ".vsix", ".xlsm", ".docm", ".pptm"})
_PICTURES = frozenset(
    {
        ".png",
        ".jpg",
        ".jpeg",
        ".gif",
        ".webp",
        ".ico",
        ".svg",
        ".pdf",
        ".ttf",
        ".otf",
        ".woff",
        ".woff2",
        ".mp3",
        ".mp4",
        ".wav",
    }
)
_TEXTS = frozenset(
    {".md", ".txt", ".py", ".sh", ".js", ".ts", ".json", ".yaml", ".yml", ".toml", ".csv", ".html", ".css", ".xml"}
)
_SCRIPT = (b"#!", b"<?php", b"<script")
_PICKLES = frozenset({".pkl", ".pickle", ".pt", ".joblib", ".npy", ".bin"})
_MOST_PARTS = 2_000


def version() -> str:
    """The package that names what a file is.

    Raises:
        UnavailableError: puremagic is not installed.
    """
    return f"puremagic {installed('puremagic')}"


def scan(skill: Skill) -> Iterator[Alarm]:
    """Files that hold programs nobody can read, or something else than their name says.

    Raises:
        SkippedError: every file is text.
        UnavailableError: puremagic is not installed.
    """
    version()
    opaque = [path for path in skill.files if skill.text(path) is None or _suffix(path) in _ARCHIVES | _BYTECODE]
    disguised = [path for path in skill.files if path not in opaque and _suffix(path) in _PICTURES - {".svg"}]
    if not opaque and not disguised:
        raise SkippedError("every file of this skill is text")
    for path in opaque:
        yield from _opaque(path, skill.files[path])
    for path in disguised:
        if skill.files[path].lstrip().startswith(_SCRIPT) or len(skill.files[path]) > 64:
            yield _alarm(
                "disguised", "high", path, f"is text, though it is called {_suffix(path)}: a program may hide in it"
            )


def _opaque(path: str, data: bytes) -> Iterator[Alarm]:
    suffix = _suffix(path)
    program = next(
        (what for magic, what in _EXECUTABLE.items() if data.startswith(magic) and _is_program(magic, data)), None
    )
    if program is not None:
        severity: Severity = "critical" if suffix in _PICTURES | _TEXTS else "high"
        yield _alarm("program", severity, path, f"is {program}: nobody can read what it does")
    elif suffix in _BYTECODE:
        yield _alarm("bytecode", "high", path, "is compiled code: nobody can read what it does")
    elif suffix in _PICKLES and data[:2] in (b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05"):
        yield _alarm("pickle", "high", path, "is a pickle: loading it runs whatever its author put in")
    elif zipfile.is_zipfile(io.BytesIO(data)):
        yield from _zip(path, data, is_document=suffix in _OFFICE)
    elif suffix in _ARCHIVES:
        yield _alarm("archive", "medium", path, "is an archive that is not looked into")
    elif suffix in _TEXTS:
        yield _alarm("not-text", "medium", path, f"is not text, though it is called {suffix}")
    elif suffix not in _PICTURES | _OFFICE:
        yield _alarm("unknown", "low", path, f"is {_named(data)}: none of the scanners reads it")


def _is_program(magic: bytes, data: bytes) -> bool:
    return magic != b"MZ" or b"PE\0\0" in data[:1024] or b"DOS mode" in data[:512]


def _zip(path: str, data: bytes, *, is_document: bool) -> Iterator[Alarm]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError):
        yield _alarm("archive", "medium", path, "is a damaged archive")
        return
    if any(part.flag_bits & 1 for part in parts):
        yield _alarm("locked-archive", "critical", path, "is an archive behind a password: no scanner can look into it")
    if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > 100 * max(len(data), 1_000_000):
        yield _alarm(
            "bomb", "high", path, f"unpacks to {sum(part.file_size for part in parts):,} bytes in {len(parts):,} files"
        )
    for part in parts:
        name = PurePosixPath(part.filename)
        if name.is_absolute() or ".." in name.parts:
            yield _alarm("escape", "critical", path, f"unpacks {part.filename} outside its folder")
        elif stat.S_ISLNK(part.external_attr >> 16):
            yield _alarm("escape", "high", path, f"unpacks {part.filename} as a link")
        elif name.name == "vbaProject.bin":
            yield _alarm("macros", "high", path, "is a document that holds a program (macros)")
    inner = sorted(
        {
            part.filename
            for part in parts
            if PurePosixPath(part.filename).suffix.lower() in _BYTECODE | {".exe", ".scr", ".bat", ".ps1"}
        }
    )
    if inner and not is_document:
        yield _alarm("packed-program", "high", path, f"holds {inner[0]}, which nobody can read here")
    elif not is_document:
        yield _alarm(
            "archive", "low", path, f"is an archive of {len(parts)} files that the other scanners do not look into"
        )


def _named(data: bytes) -> str:
    import puremagic

    try:
        return puremagic.from_string(data[:65_536], mime=True) or "of an unknown kind"
    except (puremagic.PureError, ValueError, IndexError):
        return "of an unknown kind"


def _suffix(path: str) -> str:
    return PurePosixPath(path).suffix.lower()


def _alarm(rule: str, severity: Severity, path: str, why: str) -> Alarm:
    return Alarm(rule, severity, path, 0, why)
