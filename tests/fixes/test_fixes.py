"""A fix changes what it is for and not a byte more, and what it leaves behind is clean."""

import stat
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from archwise.check import check
from archwise.cli.main import run
from archwise.findings import Edit, Finding, Fix, Report
from archwise.fixes.apply import Change, changes, write
from archwise.settings import Settings

CODES = ("AW201", "AW202", "AW203", "AW701", "AW902")


def report_on(folder: Path) -> Report:
    return check([folder], Settings(select=CODES, root=folder, cache=False))


def fixed(folder: Path, content: str | bytes, *, unsafe: bool = False) -> bytes:
    """What the fixes of one file's findings make of it."""
    file = folder / "app.py"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    made, refused = changes(folder, report_on(folder).findings, unsafe=unsafe)
    assert not refused
    for change in made:
        write(change)
    return file.read_bytes()


SERVICE = """\
import asyncio
import time

import requests
from fastapi import FastAPI
from httpx import AsyncClient

app = FastAPI()


async def notify(number: int) -> None:
    await asyncio.sleep(1)

"""


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            '@app.get("/rates")\nasync  def rates() -> str:  # today\n    return requests.get("http://x").text\n',
            '@app.get("/rates")\ndef rates() -> str:  # today\n    return requests.get("http://x").text\n',
            id="drop async",
        ),
        pytest.param(
            "async def test_app():\n    async with AsyncClient(\n        app = app,  # ours\n        base_url='http://t',\n"
            "    ) as client:\n        await client.get('/')\n",
            "async def test_app():\n    async with AsyncClient(\n        transport=ASGITransport(app = app),  # ours\n"
            "        base_url='http://t',\n    ) as client:\n        await client.get('/')\n",
            id="a transport for the app",
        ),
    ],
)
def test_the_edit_is_local(before: str, after: str, tmp_path: Path) -> None:
    imports = SERVICE.replace("import AsyncClient", "import ASGITransport, AsyncClient") if "ASGI" in after else SERVICE
    assert fixed(tmp_path, SERVICE + before).decode() == imports + after


def test_a_plain_def_that_would_stay_on_the_loop_is_not_made(tmp_path: Path) -> None:
    service = "import requests\nfrom litestar import get\n\n\n@get('/')\nasync def rates() -> str:\n    return requests.get('http://x').text\n"
    assert fixed(tmp_path, service).decode() == service
    advice = [finding.help for finding in report_on(tmp_path).findings if finding.rule == "AW203"]
    assert advice == ["drop `async` and say `sync_to_thread=True`: the framework then runs it in a thread"]


def test_a_task_is_kept(tmp_path: Path) -> None:
    before = 'class Hub:\n\tdef start(self):\n\t\tasyncio.create_task(  # now\n\t\t\tnotify(1)\n\t\t)  # "é"\n'
    after = fixed(tmp_path, SERVICE + before).decode()
    assert after.endswith(
        'class Hub:\n\tdef start(self):\n\t\ttask = asyncio.create_task(  # now\n\t\t\tnotify(1)\n\t\t)  # "é"\n'
        "\t\tbackground_tasks.add(task)\n\t\ttask.add_done_callback(background_tasks.discard)\n"
    )
    assert "from httpx import AsyncClient\n\nbackground_tasks: set[asyncio.Task[object]] = set()\n\napp =" in after


def test_two_tasks_share_a_set_and_names_in_use_are_left_alone(tmp_path: Path) -> None:
    before = "def start(task):\n    asyncio.create_task(notify(task))\n    asyncio.ensure_future(notify(2))\n"
    after = fixed(tmp_path, SERVICE + before).decode()
    assert after.count("= set()") == 1
    assert "task_2 = asyncio.create_task(notify(task))\n    background_tasks.add(task_2)\n" in after


def test_a_local_task_is_kept(tmp_path: Path) -> None:
    before = "def start():\n    job = asyncio.create_task(notify(1))\n    job.add_done_callback(print)\n"
    assert "(notify(1))\n    background_tasks.add(job)\n    job.add_done_" in fixed(tmp_path, SERVICE + before).decode()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("return requests.get('x', timeout=1)", "return await asyncio.to_thread(requests.get, 'x', timeout=1)"),
        ("return requests.get('x').text[0]", "return (await asyncio.to_thread(requests.get, 'x')).text[0]"),
        (
            "requests.get(\n        'x', timeout=1\n    )",
            "await asyncio.to_thread(requests.get,\n        'x', timeout=1\n    )",
        ),
        ("time.sleep(1)", "await asyncio.sleep(1)"),
        ("requests.get('x').json().get('y')", "requests.get('x').json().get('y')"),
        ("print([requests.get(y) for y in 'ab'])", "print([requests.get(y) for y in 'ab'])"),
        ("print(lambda: requests.get('x'))", "print(lambda: requests.get('x'))"),
    ],
)
def test_an_unsafe_fix_waits_to_be_asked_for(before: str, after: str, tmp_path: Path) -> None:
    source = SERVICE + "async def poll():\n    await notify(1)\n    {}\n"
    assert fixed(tmp_path, source.format(before)).decode() == source.format(before)
    assert fixed(tmp_path, source.format(before), unsafe=True).decode() == source.format(after)


def test_a_connection_of_sqlite_stays_in_its_thread(tmp_path: Path) -> None:
    source = "import sqlite3\n\n\nasync def poll(x):\n    sqlite3.connect('a').execute('b'); await x\n"
    assert fixed(tmp_path, source, unsafe=True).decode() == source


def test_an_import_is_added(tmp_path: Path) -> None:
    source = (
        '"""Polls."""\n\nfrom __future__ import annotations\n\nimport time\n\n\nasync def poll(x):\n    {}; await x\n'
    )
    after = fixed(tmp_path, source.format("time.sleep(1)"), unsafe=True).decode()
    assert after == source.format("await asyncio.sleep(1)").replace("import time", "import asyncio\nimport time")


@pytest.mark.parametrize(
    "body",
    [
        '@app.get("/a")\nasync def a():\n    time.sleep(1)\n\n\nasync def b():\n    return await a()\n',
        '@app.get("/a")\n@print\nasync def a():\n    time.sleep(1)\n',
        '@app.get("/a")\nasync def a():\n    time.sleep(1)\n    asyncio.get_running_loop()\n',
        "def start():\n    if app: asyncio.create_task(notify(1))\n",
        "def start():\n    asyncio.create_task(notify(1)); print()\n",
        "def start():\n    asyncio.create_task(notify(1)).add_done_callback(print)\n",
        "asyncio.create_task(notify(1))\n",
        "async def test_app(options):\n    AsyncClient(app=app, **options)\n",
        "async def test_app():\n    AsyncClient(app=app, transport=None)\n",
    ],
)
def test_what_is_not_certain_is_left(body: str, tmp_path: Path) -> None:
    assert fixed(tmp_path, SERVICE + body).decode() == SERVICE + body


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_encoding_and_line_ends_stay(encoding: str, newline: str, tmp_path: Path) -> None:
    text = (
        f"# coding: {encoding.removesuffix('-sig')}\n{SERVICE}def start():\n    'é'\n    asyncio.create_task(notify(1))"
    )
    after = fixed(tmp_path, text.replace("\n", newline).encode(encoding))
    lines = after.decode(encoding).split(newline)
    assert lines[-2:] == ["    background_tasks.add(task)", "    task.add_done_callback(background_tasks.discard)"]
    assert [line for line in lines if line and line in text.split("\n")] == [*filter(None, text.split("\n")[:-1])]
    assert after.startswith(b"\xef\xbb\xbf") == (encoding == "utf-8-sig")


def test_permissions_and_links_stay(tmp_path: Path) -> None:
    real = tmp_path / "real.txt"
    real.write_text(SERVICE + "def start():\n    asyncio.create_task(notify(1))\n")
    real.chmod(0o640)
    (tmp_path / "app.py").symlink_to(real)
    made, _ = changes(tmp_path, report_on(tmp_path).findings, unsafe=False)
    for change in made:
        write(change)
    assert (tmp_path / "app.py").is_symlink()
    assert "background_tasks" in real.read_text()
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert sorted(each.name for each in tmp_path.iterdir()) == ["app.py", "real.txt"]


def test_a_file_that_has_changed_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "app.py"
    file.write_text(SERVICE + "def start():\n    asyncio.create_task(notify(1))\n")
    findings = report_on(tmp_path).findings
    made, _ = changes(tmp_path, findings, unsafe=False)
    file.write_text("# other\n")
    assert [refusal.reason for refusal in changes(tmp_path, findings, unsafe=False)[1]] == [
        "it has changed since it was read"
    ]
    with pytest.raises(ValueError, match="changed"):
        write(made[0])
    assert file.read_text() == "# other\n"


def with_edits(finding: Finding, content: str, *edits: Edit) -> Finding:
    return replace(finding, fix=Fix("x", True, content, edits))


def test_edits_in_each_others_way_wait_for_the_next_time(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(SERVICE + "def start():\n    asyncio.create_task(notify(1))\n")
    [finding] = report_on(tmp_path).findings
    assert finding.fix is not None
    content = finding.fix.content
    first = with_edits(finding, content, Edit(1, 1, 1, 7, "import"), Edit(2, 1, 2, 1, "# two\n"))
    overlapping = with_edits(finding, content, Edit(1, 3, 1, 9, "xxx"))
    same = with_edits(finding, content, Edit(2, 1, 2, 1, "# two\n"))
    [change], _ = changes(tmp_path, [first, overlapping, same], unsafe=False)
    assert isinstance(change, Change)
    assert change.fixed == 2
    assert change.after.decode().startswith("import asyncio\n# two\nimport time\n")


def test_what_would_not_parse_is_not_written(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(SERVICE + "def start():\n    asyncio.create_task(notify(1))\n")
    [finding] = report_on(tmp_path).findings
    assert finding.fix is not None
    broken = with_edits(finding, finding.fix.content, Edit(1, 1, 1, 1, "def ("))
    made, refused = changes(tmp_path, [broken], unsafe=False)
    assert not made
    assert [refusal.path for refusal in refused] == ["app.py"]


# -- on the command line


def command(folder: Path, *arguments: str) -> int:
    return run(["check", str(folder), "--select", ",".join(CODES), "--no-cache", "--color", "never", *arguments])


def test_diff_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "app.py"
    file.write_text(SERVICE + "def start():\n    asyncio.create_task(notify(1))")
    before = file.read_bytes()
    assert command(tmp_path, "--diff") == 1
    out, err = capsys.readouterr()
    assert file.read_bytes() == before
    assert "\n-    asyncio.create_task(notify(1))\n\\ No newline at end of file\n+    task = " in out
    assert err == "archwise: would fix 1 finding\n"


def test_fix_then_nothing_is_left(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    body = 'def start():\n    asyncio.create_task(notify(1))\n\n\n@app.get("/a")\nasync def a():\n    time.sleep(1)\n'
    (tmp_path / "app.py").write_text(SERVICE + body)
    assert command(tmp_path) == 1
    assert "[*] 2 fixable with `--fix`.\n" in capsys.readouterr().out
    assert command(tmp_path, "--fix") == 0
    assert capsys.readouterr().err == "archwise: fixed 2 findings\n"
    assert command(tmp_path, "--diff") == 0


def test_fixes_that_may_do_harm_are_counted_apart(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "app.py").write_text(SERVICE + "async def poll():\n    await notify(1)\n    time.sleep(1)\n")
    assert command(tmp_path) == 1
    assert "1 fixable with `--fix --unsafe-fixes`." in capsys.readouterr().out
    assert command(tmp_path, "--unsafe-fixes") == 1
    assert "[*] 1 fixable with `--fix`." in capsys.readouterr().out
    assert command(tmp_path, "--fix", "--unsafe-fixes") == 0


# -- whatever the program

STATEMENTS = (
    "asyncio.create_task(notify(1))",
    "asyncio.ensure_future(notify(len('ä\\n')))  # 食べる",
    "asyncio.get_running_loop().create_task(\n{indent}    notify(\n{indent}        2))",
    "time.sleep(1)",
    "x = requests.get('http://ä', timeout=time.time()).json()",
    "print(f'{{requests.get(\"a\").text!r:>9}}', '''\n  two\n''')",
    "return requests.get(requests.get('a').text)",
    "if requests.get('a') and x: time.sleep(2); x = 3",
    "with AsyncClient(app=app, base_url='b'): pass",
    "x = [requests.get(y) for y in 'ab']",
    "pass\\\n{indent}  ",
)


@st.composite
def programs(draw: st.DrawFn) -> bytes:
    lines = [draw(st.sampled_from(["", "# coding: utf-8", '"""ä"""'])), *SERVICE.splitlines()]
    for number in range(draw(st.integers(1, 3))):
        indent = draw(st.sampled_from(["    ", "\t", "  "]))
        lines += ["", f'@app.get("/{number}")'] if draw(st.booleans()) else [""]
        lines.append(f"{draw(st.sampled_from(['async def', 'def']))} f{number}(x=1):")
        for statement in draw(st.lists(st.sampled_from(STATEMENTS), min_size=1, max_size=4)):
            lines += (indent + statement.format(indent=indent)).split("\n")
        lines.append(f"{indent}'\x0c'")
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    return newline.join(lines).encode("utf-8-sig" if draw(st.booleans()) else "utf-8")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=programs(), unsafe=st.booleans())
def test_a_fixed_program_parses_keeps_its_lines_and_is_clean(content: bytes, unsafe: bool, tmp_path: Path) -> None:
    file = tmp_path / "app.py"
    file.write_bytes(content)
    for _ in range(6):
        made, refused = changes(tmp_path, report_on(tmp_path).findings, unsafe=unsafe)
        assert not refused
        for change in made:
            write(change)
    left = [finding for finding in report_on(tmp_path).findings if finding.fix and (finding.fix.safe or unsafe)]
    assert not left
    after = file.read_bytes()
    compile(after, "app.py", "exec")
    assert after.startswith(b"\xef\xbb\xbf") == content.startswith(b"\xef\xbb\xbf")
    assert after.count(b"\r") in (0, after.count(b"\n"))
    comments = [line for line in content.decode().splitlines() if line.lstrip().startswith("#")]
    assert all(comment in after.decode() for comment in comments)
