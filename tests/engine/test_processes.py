"""Runs that are cut short: from the keyboard, by a signal, by a lack of memory, by a reader that leaves."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from project import BLOCKS, Project

from archwise.cli.main import run
from archwise.engine import workers
from archwise.engine.read import Read, WorkerError, read

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals and pipes of POSIX systems")

CODE = BLOCKS + "".join(
    f"class C{i}:\n    def m(self, x): return [y.a.b(x, {i}) for y in self.items]\n" for i in range(900)
)
MANY = {f"m{number}.py": CODE for number in range(60)}
"""Some seconds of work."""


@pytest.fixture
def running(project: Project) -> Iterator[subprocess.Popen[str]]:
    """A run whose workers are at work."""
    project.write(dict(MANY))
    process = project.start("check", "--no-cache", "--workers", "2")
    wait_until(lambda: len(children(process.pid)) == 2)
    yield process
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def wait_until(condition: object, seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < end
        time.sleep(0.01)


def children(pid: int) -> list[int]:
    if not Path("/proc/self/stat").exists():
        pytest.skip("no /proc to look for workers")
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            rest = path.read_text().rpartition(")")[2]
        except OSError:
            continue
        state, parent = rest.split()[:2]
        if int(parent) == pid and state != "Z":
            found.append(int(path.parent.name))
    return found


def gone(pids: list[int]) -> bool:
    return not any(Path(f"/proc/{pid}").exists() for pid in pids)


@pytest.mark.parametrize("whole_group", [True, False])
def test_interrupt_from_the_keyboard(whole_group: bool, running: subprocess.Popen[str]) -> None:
    pids = children(running.pid)
    (os.killpg if whole_group else os.kill)(running.pid, signal.SIGINT)
    out, err = running.communicate(timeout=10)
    assert (running.returncode, out, err) == (130, "", "archwise: interrupted\n")
    wait_until(lambda: gone(pids), 2)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_no_worker_outlives_the_run(number: signal.Signals, running: subprocess.Popen[str]) -> None:
    pids = children(running.pid)
    os.kill(running.pid, number)
    out, err = running.communicate(timeout=10)
    assert (running.returncode, out, err) == (-number, "", "")
    wait_until(lambda: gone(pids), 2)


def test_a_worker_that_is_killed(running: subprocess.Popen[str]) -> None:
    pids = children(running.pid)
    os.kill(pids[0], signal.SIGKILL)
    out, err = running.communicate(timeout=10)
    said = "a process that read files was killed: the system may be out of memory, --workers 1 needs least"
    assert (running.returncode, out, err) == (2, "", f"archwise: {said}\n")
    wait_until(lambda: gone(pids), 2)


def test_a_worker_that_is_killed_halfway_through_an_answer(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    if sys.platform != "linux":
        pytest.skip("the worker must inherit the changed function")

    def answer(path: str) -> Read:
        if path.endswith("b.py"):
            connection = next(each for each in gc_connections())
            os.write(connection, (1_000_000).to_bytes(4, "big") + b"half")
            os.kill(os.getpid(), signal.SIGKILL)
        return read(path)

    def gc_connections() -> list[int]:
        import gc
        from multiprocessing.connection import Connection

        return [each.fileno() for each in gc.get_objects() if isinstance(each, Connection) and not each.closed][-1:]

    project.write({"a.py": CODE, "b.py": CODE})
    monkeypatch.setattr(workers, "read", answer)
    monkeypatch.setattr(workers, "_WORTH_A_POOL", 0)
    monkeypatch.setattr(workers, "_CHUNK", 1)
    paths = [(project.root / name, 1) for name in ("a.py", "b.py")]
    with pytest.raises(WorkerError):
        list(workers.read_all(paths, 2, lambda count: None))


def test_workers_end_when_their_reader_stops_early(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.write({f"m{number}.py": BLOCKS for number in range(9)})
    monkeypatch.setattr(workers, "_WORTH_A_POOL", 0)
    monkeypatch.setattr(workers, "_CHUNK", 1)
    reads = workers.read_all([(path, 1) for path in project.root.glob("*.py")], 2, lambda count: None)
    assert isinstance(next(reads), Read)
    assert len(children(os.getpid())) >= 2
    reads.close()  # type: ignore[attr-defined]
    assert not children(os.getpid())


@pytest.mark.parametrize("name", ["text", "concise", "json"])
def test_a_reader_that_leaves_is_no_error(name: str, project: Project) -> None:
    project.write({f"m{number}.py": BLOCKS * 200 for number in range(5)})
    process = project.start("check", "--no-cache", "--output-format", name)
    assert process.stdout and process.stderr
    assert process.stdout.readline()
    process.stdout.close()
    assert process.stderr.read() == ""
    assert process.wait(10) == 1
    process.stderr.close()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no full disk to write to")
@pytest.mark.parametrize("arguments", [["check"], ["rules"], ["explain", "AW201"], ["version"], ["--help"]])
def test_a_full_disk(arguments: list[str], project: Project) -> None:
    project.write({"a.py": BLOCKS})
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            project.command(*arguments), cwd=project.root, stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == 2
    assert done.stderr.removeprefix("archwise: ").removeprefix("standard output: ") == "No space left on device\n"


@pytest.mark.parametrize(("closed", "code"), [(1, 2), (2, 1)])
def test_a_stream_that_is_closed(closed: int, code: int, project: Project) -> None:
    project.write({"a.py": BLOCKS})
    command = f'exec "$@" {closed}>&-'
    done = subprocess.run(
        ["sh", "-c", command, "sh", *project.command("check")],
        cwd=project.root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code
    said = "archwise: standard output is closed: --output-file FILE keeps the report\n"
    assert done.stderr == (said if closed == 1 else "")


def test_a_check_leaves_the_process_as_it_was(project: Project) -> None:
    import gc
    import warnings

    before = gc.isenabled(), sys.getrecursionlimit(), list(warnings.filters)
    project.write({"a.py": BLOCKS, "b.py": "print 1"}).check()
    assert (gc.isenabled(), sys.getrecursionlimit(), list(warnings.filters)) == before


def test_mistakes_are_one_line_each(
    project: Project, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project.root)

    def said(*arguments: str) -> str:
        assert run(["check", *arguments]) == 2
        out, err = capsys.readouterr()
        assert out == ""
        return err

    assert said("gone") == "archwise: no such file or folder: gone\n"
    assert said("--select", "AW299") == (
        "archwise: command line: `select`: unknown rule `AW299`: did you mean `AW209`?\n"
    )
    settings = project.root / "pyproject.toml"
    settings.write_text("[tool.archwise]\nselct = []\n")
    assert said() == f"archwise: {settings}: unknown key `selct`: did you mean `select`?\n"
    settings.write_text("[tool.archwise\n")
    assert said().startswith(f"archwise: {settings}: not valid TOML: ")
    settings.write_text("[tool.archwise]\nignore = ['AW299']\n")
    assert said() == f"archwise: {settings}: `ignore`: unknown rule `AW299`: did you mean `AW209`?\n"
    settings.write_bytes(b"# \xff\n")
    assert said() == f"archwise: {settings}: not UTF-8, as TOML must be (byte 2)\n"


def test_a_folder_without_python(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.write({"notes.txt": "x"})
    assert run(["check", str(project.root), "--no-cache"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("No findings in 0 files, ")
    assert err == f"archwise: warning: no Python files in {project.root}\n"


def test_an_interrupt_while_python_still_imports() -> None:
    interrupted = """
import runpy, sys
class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == "click":
            raise KeyboardInterrupt
sys.meta_path.insert(0, Interrupting())
runpy.run_module("archwise", run_name="__main__")
"""
    done = subprocess.run([sys.executable, "-c", interrupted], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "archwise: interrupted\n")
