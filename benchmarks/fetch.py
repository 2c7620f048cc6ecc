"""Download the pinned packages and unpack their Python files and templates; nothing is installed or run.

python benchmarks/fetch.py --into DIR
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path, PurePosixPath

from corpora import DEFAULT_FOLDER, PINS, Corpus, load

# Pinned so that every machine gets the very files whose hashes are recorded, compiled wheels included.
WHEEL_TAGS = ["--only-binary", ":all:", "--platform", "manylinux2014_x86_64"]
SOURCE_TAGS = ["--no-binary", ":all:"]  # pip asks the package's own build backend for its name, and builds nothing
STAMP = ".sha256"
TEMPLATES = (".html", ".txt", ".xml", ".eml")


def digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def download(corpus: Corpus, wheels: Path) -> Path:
    target = wheels / corpus.file
    if not target.is_file():
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        wheel_tags = [*WHEEL_TAGS, "--python-version", corpus.python]
        command += wheel_tags if corpus.file.endswith(".whl") else SOURCE_TAGS
        subprocess.run(
            [*command, "--dest", str(wheels), f"{corpus.distribution or corpus.name}=={corpus.version}"], check=True
        )
    if not target.is_file():
        raise SystemExit(f"{corpus.name}: pip did not deliver {corpus.file}")
    if digest(target) != corpus.sha256:
        raise SystemExit(f"{corpus.name}: {target} does not have the pinned sha256")
    return target


def unpack_source(archive: Path, folder: Path) -> int:
    """Write the Python files of a source distribution under ``folder``, and what says how it is tested."""
    count = 0
    with tarfile.open(archive) as files:
        for member in files:
            parts = PurePosixPath(member.name).parts
            content = files.extractfile(member) if member.isfile() and ".." not in parts else None
            if content is not None and member.name.endswith((".py", ".toml", ".cfg", ".ini", ".txt")):
                target = folder.joinpath(*parts)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content.read())
                count += 1
    return count


def unpack(wheel: Path, folder: Path) -> int:
    """Write the Python files and the templates of a wheel under ``folder``; returns how many."""
    if wheel.suffix != ".whl":
        return unpack_source(wheel, folder)
    count = 0
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            parts = PurePosixPath(name).parts
            wanted = name.endswith((".py", *TEMPLATES) if "templates" in parts else ".py")
            if not wanted or parts[0].endswith((".data", ".dist-info")) or ".." in parts:
                continue
            target = folder.joinpath(*parts)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(archive.read(name))
            count += 1
    return count


def unpack_commit(corpus: Corpus, folder: Path) -> int:
    """Write the Python files of one commit under ``folder``; returns how many."""
    with tempfile.TemporaryDirectory() as scratch:
        git = ["git", "-C", scratch]
        address = f"https://github.com/{corpus.git}"
        subprocess.run([*git, "init", "--quiet"], check=True)
        subprocess.run([*git, "fetch", "--quiet", "--depth", "1", address, corpus.version], check=True)
        archive = Path(scratch, "commit.tar")
        only = ":(glob)**/*.py"
        subprocess.run([*git, "archive", "--output", str(archive), corpus.version, "--", only], check=True)
        return unpack_source(archive, folder)


def fetch(corpus: Corpus, into: Path, wheels: Path) -> str:
    folder = into / corpus.name
    stamp = folder / STAMP
    pin = corpus.version if corpus.git else corpus.sha256
    if stamp.is_file() and stamp.read_text(encoding="ascii") == pin:
        return "already there"
    wheel = None if corpus.git else download(corpus, wheels)
    shutil.rmtree(folder, ignore_errors=True)
    count = unpack(wheel, folder) if wheel else unpack_commit(corpus, folder)
    stamp.write_text(pin, encoding="ascii")
    return f"{count} files"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--into", type=Path, default=DEFAULT_FOLDER, metavar="DIR", help="default: %(default)s")
    parser.add_argument("--wheels", type=Path, metavar="DIR", help="keep the downloads here (default: DIR/.wheels)")
    parser.add_argument("--pins", type=Path, default=PINS, metavar="FILE", help="default: %(default)s")
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these packages")
    arguments = parser.parse_args()
    wheels: Path = arguments.wheels or arguments.into / ".wheels"
    wheels.mkdir(parents=True, exist_ok=True)
    pinned = load(arguments.pins)
    for name in arguments.names or pinned:
        if name not in pinned:
            raise SystemExit(f"not in {arguments.pins.name}: {name}")
        print(f"{name} {pinned[name].version}: {fetch(pinned[name], arguments.into, wheels)}", flush=True)


if __name__ == "__main__":
    main()
