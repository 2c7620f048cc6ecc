"""Source of Python 3.8 to the newest: checked where the running interpreter can parse it, named where it cannot."""

import sys

import pytest
from project import BLOCKS, Project

THIS = sys.version_info[:2]

SYNTAX: dict[str, tuple[tuple[int, int], str]] = {
    "positional-only parameters": (
        (3, 8),
        "def wait(x, /, y, *, z=1): time.sleep(x)\nasync def f(): wait(1, 2)\n",
    ),
    "assignment expressions": (
        (3, 8),
        "class C:\n    def wait(self): time.sleep(1)\nasync def f():\n    if (c := C()): c.wait()\n",
    ),
    "f-strings that show their code": ((3, 8), "async def f(): print(f'{time.sleep(1)=}')\n"),
    "decorators of any form": (
        (3, 9),
        "table = [lambda f: f]\n@table[0]\ndef wait(): time.sleep(1)\nasync def f(): wait()\n",
    ),
    "dictionaries merged": ((3, 9), "async def f(): return {'a': 1} | {'b': time.sleep(1)}\n"),
    "match": (
        (3, 10),
        "async def f(x):\n    match x:\n        case {'wait': int(n), **rest} if n: time.sleep(n)\n"
        "        case [1, *_] | None: pass\n",
    ),
    "with in parentheses": (
        (3, 10),
        "async def f():\n    with (open('a') as a, open('b') as b): time.sleep(1)\n",
    ),
    "except*": (
        (3, 11),
        "async def f():\n    try: pass\n    except* OSError as group: time.sleep(1)\n",
    ),
    "unpacking in subscripts": ((3, 11), "async def f(x, *args: *tuple[int]): x[*args], time.sleep(1)\n"),
    "type parameters": (
        (3, 12),
        "class Box[T: (int, str)]:\n    def wait[*U, **P](self, x: T): time.sleep(1)\n"
        "async def f(): Box[int]().wait(1)\n",
    ),
    "type aliases": (
        (3, 12),
        "class C:\n    def wait(self): time.sleep(1)\ntype D[T] = list[T]\nasync def f(c: C): c.wait()\n",
    ),
    "quotes in f-strings": ((3, 12), "async def f(x): print(f'{x['a']}{f'{'\\n'.join(x)}'}', time.sleep(1))\n"),
    "defaults of type parameters": (
        (3, 13),
        "def wait[T = int](x: T): time.sleep(1)\nasync def f(): wait(1)\n",
    ),
    "t-strings": ((3, 14), "async def f(x): print(t'{x!r:>{x}}', time.sleep(1))\n"),
    "except without parentheses": (
        (3, 14),
        "async def f():\n    try: pass\n    except OSError, ValueError: time.sleep(1)\n",
    ),
}


@pytest.mark.parametrize(("since", "body"), SYNTAX.values(), ids=SYNTAX)
def test_syntax(since: tuple[int, int], body: str, project: Project) -> None:
    source = f"import time\n{body}"
    project.write({"new.py": source, "old.py": BLOCKS})
    report = project.check(select=("AW001", "AW201"))
    assert report.files == 2
    assert report.lines == source.count("\n") + BLOCKS.count("\n")
    found = {finding.path: finding.rule for finding in report.findings}
    assert found["old.py"] == "AW201"
    if since <= THIS:
        assert not report.unread
        assert found["new.py"] == "AW201"
    else:
        [unread] = report.unread
        assert unread.path == "new.py"
        assert unread.reason.startswith(f"Python {THIS[0]}.{THIS[1]} cannot parse it: ")
        assert found["new.py"] == "AW001"


REMOVED = {
    "print": "print 'x'\n",
    "exec": "exec 'x = 1'\n",
    "backticks": "x = `y`\n",
    "octals": "x = 0777\n",
    "raise": "raise ValueError, 'x'\n",
    "await as a name": "async = 1\n",
    "tabs and spaces": "if x:\n\ty\n        z\n",
}


@pytest.mark.parametrize("source", REMOVED.values(), ids=REMOVED)
def test_what_no_version_after_3_8_reads(source: str, project: Project) -> None:
    project.write({"old.py": source, "new.py": BLOCKS})
    report = project.check()
    assert [(unread.path, unread.line is not None) for unread in report.unread] == [("old.py", True)]
    assert [finding.path for finding in report.findings] == ["new.py", "old.py"]
