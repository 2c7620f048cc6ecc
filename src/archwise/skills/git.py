"""A Git repository as a source: one commit of it, fetched shallow into an empty store, never checked out.

Nothing of the repository is written as a file and nothing of it runs: objects are read out of the store by their names,
so hooks, filters, submodules and links have no moment to act. The user's own Git settings stay in force (credentials,
proxies), its transports are narrowed to HTTPS and SSH.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from archwise.skills.errors import RefusedError, SkillError
from archwise.skills.paths import shown
from archwise.skills.tree import MOST_ENTRIES, MOST_FILE, Entry, Kind

_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_SECONDS = 600.0
_MOST_STORE, _MOST_ANSWER = 1_000_000_000, 200_000_000
"""Bytes that a fetch may bring, and that a command may answer: trees that hold one another make a tiny repository list
without end. Files over ``MOST_FILE`` are left on the server where it knows how."""
_KINDS: Mapping[str, Kind] = {
    "100644": "file",
    "100664": "file",
    "100755": "executable",
    "120000": "link",
    "160000": "module",
}
_SETTINGS = {
    "protocol.allow": "never",
    "protocol.https.allow": "always",
    "protocol.ssh.allow": "always",
    "core.hooksPath": os.devnull,
    "core.fsmonitor": "false",
    "core.logAllRefUpdates": "false",
    "submodule.recurse": "false",
    "fetch.recurseSubmodules": "false",
    "transfer.bundleURI": "false",
    "maintenance.auto": "false",
    "gc.auto": "0",
    "http.followRedirects": "initial",
}
_HELD_BACK = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES",
              "GIT_NAMESPACE", "GIT_ALLOW_PROTOCOL", "GIT_TEMPLATE_DIR", "GIT_TRACE")  # fmt: skip


class GitTree:
    """One commit of a repository, for as long as a block lasts."""

    digest = ""

    def __init__(self, url: str, ref: str, name: str, *, local: bool = False) -> None:
        """Names a repository by its URL, or by its folder where it is ``local``; no ``ref`` means its main branch."""
        self.name, self.commit = name, ""
        self.entries: dict[str, Entry] = {}
        self._url, self._ref = url, ref
        self._settings = {**_SETTINGS, **({"protocol.file.allow": "always"} if local else {})}
        self._objects: dict[str, str] = {}
        self._store = tempfile.TemporaryDirectory(prefix="archwise-git-", ignore_cleanup_errors=True)

    def __enter__(self) -> Self:
        """Fetches the commit.

        Raises:
            SkillError: it cannot be fetched; the message gives Git's own reason.
        """
        try:
            self._git("init", "--quiet", "--bare", "--template=", self._store.name)
            self._fetch()
            self.commit = self._git("rev-parse", "--verify", "--quiet", "FETCH_HEAD^{commit}").decode().strip()
            self._list()
        except BaseException:
            self._store.cleanup()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._store.cleanup()

    def _fetch(self) -> None:
        self._git("config", "remote.origin.url", self._url)
        wanted = self._ref or "HEAD"
        options = ("--quiet", "--depth=1", "--no-tags", "--no-recurse-submodules", f"--filter=blob:limit={MOST_FILE}")
        self._git("fetch", *options, "origin", wanted)
        for key in ("remote.origin.promisor", "remote.origin.partialclonefilter", "extensions.partialclone"):
            self._git("config", "--unset-all", key, expected=(0, 5))

    def _list(self) -> None:
        listed = self._git("ls-tree", "-r", "-z", "--full-tree", self.commit).split(b"\0")
        if len(listed) > MOST_ENTRIES:
            raise RefusedError(f"{self.name}: more than {MOST_ENTRIES:,} files")
        kinds: dict[str, Kind] = {}
        for line in filter(None, listed):
            about, _, raw = line.partition(b"\t")
            mode, _, oid = about.decode().split(" ")
            path = raw.decode("utf-8", "surrogateescape")
            kinds[path], self._objects[path] = _KINDS.get(mode, "other"), oid
        sizes = self._sizes({self._objects[path] for path, kind in kinds.items() if kind != "module"})
        self.entries = {path: Entry(kind, sizes.get(self._objects[path], 0)) for path, kind in kinds.items()}

    def _sizes(self, oids: set[str]) -> dict[str, int]:
        """Sizes in bytes; what was left on the server is larger than is taken."""
        answers = self._git("cat-file", "--batch-check", data="".join(f"{oid}\n" for oid in sorted(oids)).encode())
        fields = [line.split() for line in answers.decode().splitlines()]
        return {each[0]: int(each[2]) if len(each) == 3 else MOST_FILE + 1 for each in fields}

    def read(self, paths: Iterable[str]) -> dict[str, bytes]:
        """The contents of files and the targets of links."""
        wanted = list(paths)
        answers = self._git("cat-file", "--batch", data="".join(f"{self._objects[path]}\n" for path in wanted).encode())
        found, offset = {}, 0
        for path in wanted:
            end = answers.index(b"\n", offset)
            size = int(answers[offset:end].split()[2])
            found[path] = answers[end + 1 : end + 1 + size]
            offset = end + size + 2
        return found

    def _git(self, *arguments: str, data: bytes = b"", expected: tuple[int, ...] = (0,)) -> bytes:
        command = ["git", *(part for item in self._settings.items() for part in ("-c", "=".join(item)))]
        environment = {key: value for key, value in os.environ.items() if key not in _HELD_BACK}
        environment |= {
            "GIT_DIR": self._store.name,
            "LC_ALL": "C",
            "GIT_LFS_SKIP_SMUDGE": "1",
            "GIT_NO_LAZY_FETCH": "1",
        }
        if not sys.stdin.isatty():
            environment |= {
                "GIT_TERMINAL_PROMPT": "0",
                "GIT_SSH_COMMAND": os.environ.get("GIT_SSH_COMMAND", "ssh -oBatchMode=yes"),
            }
        if arguments[0] == "init":
            del environment["GIT_DIR"]
        with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors, tempfile.TemporaryFile() as given:
            given.write(data)
            given.seek(0)
            try:
                process = subprocess.Popen(
                    [*command, *arguments],
                    stdin=given,
                    stdout=output,
                    stderr=errors,
                    env=environment,
                    cwd=self._store.name,
                )
            except FileNotFoundError as error:
                raise SkillError("the `git` command is not installed: it fetches skills from repositories") from error
            self._watch(process, output)
            output.seek(0)
            errors.seek(0)
            if process.returncode not in expected:
                raise SkillError(f"{shown(self._url)}: {_reason(errors.read(), self._ref)}")
            return output.read()

    def _watch(self, process: "subprocess.Popen[bytes]", output: IO[bytes]) -> None:
        """Waits, and stops what takes too long or brings too much."""
        until = time.monotonic() + _SECONDS
        while True:
            try:
                process.wait(0.25)
            except subprocess.TimeoutExpired:
                pass
            except BaseException:
                process.kill()
                process.wait()
                raise
            else:
                return
            stored, answered = _size(Path(self._store.name)), os.fstat(output.fileno()).st_size
            large = stored > _MOST_STORE or answered > _MOST_ANSWER
            if large or time.monotonic() > until:
                process.kill()
                process.wait()
                limit = f"{max(stored, answered):,} bytes" if large else f"{_SECONDS:g} s"
                raise RefusedError(f"{shown(self._url)}: stopped after {limit}")


def is_commit(ref: str) -> bool:
    """Whether a reference names a commit by its whole hash, so that it cannot move."""
    return _COMMIT.fullmatch(ref) is not None


def _size(folder: Path) -> int:
    total = 0
    for root, _, files in os.walk(folder):
        for name in files:
            try:
                total += os.lstat(os.path.join(root, name)).st_size  # noqa: PTH118
            except OSError:  # Git removes its temporary files meanwhile
                continue
    return total


def _reason(errors: bytes, ref: str) -> str:
    lines = [line.strip() for line in errors.decode("utf-8", "replace").splitlines() if line.strip()]
    text = next(
        (line for line in lines if line.startswith(("fatal:", "error:", "remote:"))), lines[-1] if lines else ""
    )
    text = shown(text.partition(": ")[2] or text) or "Git gives no reason"
    if "couldn't find remote ref" in text or "not our ref" in text:
        return f"there is no branch, tag or commit {shown(ref)}; a commit is named by all of its 40 characters"
    return text
