"""What is tried for real rather than simulated: HTTPS with an authority of its own, a kill at any write, a full disk, a
home that may not be written."""

import functools
import os
import shutil
import signal
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from marketplace import FRONT, LETTERS, SUMS, Repository, Skills, contents

from archwise.cli.main import run
from archwise.skills import exchange

pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")  # where tests run in several threads

BACKEND = Path(
    subprocess.run(["git", "--exec-path"], capture_output=True, text=True, check=True).stdout.strip(),
    "git-http-backend",
)
AGENTS = ("--agent", "claude-code", "--yes")


class Backend(BaseHTTPRequestHandler):
    """Git's own server, asked as a web server asks it; ``/private`` wants a password."""

    def __init__(self, root: Path, *arguments: object) -> None:
        self.root = root
        super().__init__(*arguments)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        if path.startswith("/private"):
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="skills"')
            self.end_headers()
            return
        sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        asked = {
            "GIT_PROJECT_ROOT": str(self.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(sent)),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            "PATH": os.environ["PATH"],
        }
        answer = subprocess.run([BACKEND], input=sent, env=asked, capture_output=True, check=True).stdout
        head, _, body = answer.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
        self.send_response(int(headers.pop("Status", "200").split()[0]))
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def log_message(self, *_: object) -> None:
        """Says nothing."""


class Server(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """Says nothing of clients that leave because they do not trust it."""


@pytest.fixture
def https(tmp_path: Path, repository: Repository) -> Iterator[str]:
    """The address of a server whose certificate only its own authority vouches for."""
    if not BACKEND.exists() or shutil.which("openssl") is None:
        pytest.skip("needs git-http-backend and openssl")
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "ca.pem",
               "-days", "2", "-subj", "/CN=skills", "-addext", "subjectAltName=DNS:localhost"]  # fmt: skip
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "ca.pem", tmp_path / "key.pem")
    server = Server(("127.0.0.1", 0), functools.partial(Backend, repository.bare.parent))
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"https://localhost:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def trust(home: Path, authority: Path) -> None:
    (home / ".gitconfig").write_text(f"[http]\n\tsslCAInfo = {authority}\n")


def test_https_the_whole_way(https: str, skills: Skills, repository: Repository, tmp_path: Path) -> None:
    source = f"{https}/skills.git"
    said = skills.refused("add", source, "sums", *AGENTS)
    assert "certificate" in said and source in said
    trust(skills.home, tmp_path / "ca.pem")
    skills.done("add", source, "letters", *AGENTS)
    place = skills.project / ".claude/skills/letters"
    assert contents(place) == repository.files(LETTERS)
    repository.commit({f"{LETTERS}/SKILL.md": FRONT.format(name="letters") + "Later.\n"})
    skills.done("update", "--yes")
    assert contents(place) == repository.files(LETTERS)
    shutil.rmtree(place)
    skills.done("sync")
    assert contents(place) == repository.files(LETTERS) and skills("verify").code == 0


def test_https_that_says_no(https: str, skills: Skills, tmp_path: Path) -> None:
    trust(skills.home, tmp_path / "ca.pem")
    assert "not found" in skills.refused("add", f"{https}/nothing.git", *AGENTS)
    assert "could not read Username" in skills.refused("add", f"{https}/private.git", *AGENTS)
    assert not (skills.project / "skills.lock").exists()


WRITES = {
    "os.rename",
    "os.mkdir",
    "os.remove",
    "os.rmdir",
    "os.chmod",
    "tempfile.mkdtemp",
    "tempfile.mkstemp",
    "archwise.exchange",
}


def killed_at(count: int, within: Path) -> None:
    """Kills this process before its write number ``count`` below a folder, whatever makes it."""
    left = [count]

    def heard(event: str, arguments: tuple[object, ...]) -> None:
        writes = event in WRITES or (event == "open" and isinstance(arguments[2], int) and arguments[2] & os.O_WRONLY)
        if writes and str(arguments[0]).startswith(str(within)):
            left[0] -= 1
            if left[0] < 0:
                os.kill(os.getpid(), signal.SIGKILL)

    swap = exchange._swapped

    def swapped(one: bytes, other: bytes) -> int:
        heard("archwise.exchange", (os.fsdecode(one),))
        return swap(one, other)

    exchange._swapped = swapped
    sys.addaudithook(heard)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a process of its own is killed")
@pytest.mark.parametrize("count", range(0, 36, int(os.environ.get("KILL_AT_EVERY", "7"))))
def test_killed_before_any_write(count: int, skills: Skills, repository: Repository) -> None:
    two = ("--agent", "claude-code", "--agent", "cursor", "--yes")
    skills.done("add", str(repository.bare), "letters", *two)
    old = repository.files(LETTERS)
    repository.commit({f"{LETTERS}/SKILL.md": FRONT.format(name="letters") + "Later.\n", f"{LETTERS}/more.md": "more"})
    new = repository.files(LETTERS)
    places = [skills.project / ".claude/skills/letters", skills.project / ".cursor/skills/letters"]
    if (child := os.fork()) == 0:
        killed_at(count, skills.project)
        os._exit(run(["skill", "update", "--yes"]))
    ended = os.waitpid(child, 0)[1]
    assert ended in (0, signal.SIGKILL)
    assert all(contents(place) in (old, new) for place in places)
    skills.done("sync")
    assert contents(places[0]) == contents(places[1]) and skills("verify").code == 0
    skills.done("update", "--yes")
    assert [contents(place) for place in places] == [new, new]
    assert not list(skills.project.rglob(".archwise-*")) and not list(skills.project.rglob(".skills.lock-*"))


_NOT_STARTED = 127
"""What a dynamic linker answers where it may not read a library of the program."""


def as_nobody(home: Path, project: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Runs a skill command as a user without rights, whoever runs the tests."""
    command = [sys.executable, "-m", "archwise", "skill", *arguments]
    if os.geteuid() == 0:
        if shutil.which("setpriv") is None:
            pytest.skip("needs setpriv")
        command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *command]
    environment = {**os.environ, "HOME": str(home)}
    return subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def open_folders(tmp_path: Path) -> None:
    """Lets every user reach the folders of this test."""
    for folder in (tmp_path, *tmp_path.parents):
        try:
            folder.chmod(folder.stat().st_mode | 0o055)
        except PermissionError:
            break


@pytest.mark.skipif(sys.platform == "win32", reason="rights of POSIX")
@pytest.mark.usefixtures("open_folders")
def test_a_home_that_may_not_be_written(skills: Skills, tmp_path: Path) -> None:
    source = tmp_path / "sums"
    source.mkdir()
    (source / "SKILL.md").write_text(FRONT.format(name="sums"))
    (skills.home / ".claude").mkdir()
    (skills.home / ".claude").chmod(0o555)
    skills.home.chmod(0o555)
    done = as_nobody(skills.home, skills.project, "add", str(source), *AGENTS, "--global")
    if done.returncode == _NOT_STARTED or "No module named" in done.stderr:
        pytest.skip("this Python is not readable for others")
    assert done.returncode == 2, done
    assert done.stderr.startswith("archwise: ") and "Permission denied" in done.stderr and done.stderr.count("\n") == 1
    assert contents(skills.home) == {}


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="mounts a small disk")
@pytest.mark.parametrize("left", [0, 4096, 16384, 65536])
def test_a_disk_that_is_full(left: int, skills: Skills, repository: Repository, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "none", str(disk)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("may not mount")
    try:
        shutil.copytree(skills.project, disk / "project")
        os.chdir(disk / "project")
        skills.done("add", str(repository.bare), "sums", *AGENTS)
        old = contents(disk / "project")
        repository.commit(
            {f"{SUMS}/SKILL.md": FRONT.format(name="sums") + "More.\n", f"{SUMS}/large.md": "x" * 100_000}
        )
        with (disk / "ballast").open("wb") as ballast:
            room = os.statvfs(disk)
            ballast.write(bytes(max(0, room.f_bavail * room.f_frsize - left)))
        assert "No space left on device" in skills.refused("update", "--yes")
        assert contents(disk / "project") == old
        assert not list((disk / "project").rglob(".archwise-*"))
    finally:
        os.chdir(tmp_path)
        subprocess.run(["umount", str(disk)], check=True)
