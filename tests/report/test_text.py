"""The text that people read, whole."""

from pathlib import Path

from msgspec.structs import replace

from archwise.findings import Hop, Report
from archwise.report import View, render
from archwise.report.snippet import WIDTH, quote
from archwise.report.sources import SourceLines

EXPECTED = """\
error[AW201]: `requests.get` waits for the network on the event loop
 --> app/orders.py:6:12 in app.orders.read_order
  | reached by GET /orders/{number}, POST /orders
  |
6 |    return price(number)
  |           ^^^^^ calls price
  |
  | app/prices.py:5 in app.prices.price, calls load_rates
5 |    return number * load_rates()["EUR"]
  |
  | app/rates.py:5 in app.rates.load_rates
5 |    return requests.get("https://rates.example", timeout=5).json()
  |           ^^^^^^^^^^^^ waits for the network
  |
  = help: await `httpx.AsyncClient` in `load_rates`, or run `price` with `asyncio.to_thread`
  = and 1 more place: app/orders.py:11:13

warning[AW201]: `open` waits for a file on the event loop (likely)
 --> app/files.py:2:12 in app.files.motd
  |
2 |    return open("motd.txt").read()
  |           ^^^^ waits for a file

Found 2 causes at 3 places (2 errors, 1 warning) in 5 files, 0.0 s.
1 file could not be read (AW001).
2 findings of lower severity not shown (--severity info).
"""


def test_a_cause_is_one_block_with_its_proof(report: Report, view: View) -> None:
    assert render(report, "text", view) == EXPECTED


def test_a_clean_run_is_one_line(report: Report, view: View) -> None:
    clean = replace(report, findings=(), unread=(), seconds=1.26)
    assert render(clean, "text", replace(view, hidden=0)) == "No findings in 5 files, 1.3 s.\n"


def test_paths_are_those_of_the_working_folder(report: Report, view: View) -> None:
    text = render(report, "text", replace(view, prefix="service/"))
    assert " --> service/app/orders.py:6:12 in " in text
    assert "  | service/app/prices.py:5 in " in text
    assert "1 more place: service/app/orders.py:11:13" in text


def test_a_finding_without_a_trace_shows_its_line(report: Report, view: View) -> None:
    broken = replace(
        report.findings[0],
        rule="AW001",
        severity="error",
        confidence="certain",
        symbol="",
        help="mend it, or name it in `exclude`",
        cause_message="`app/files.py` cannot be parsed: invalid syntax",
        trace=(),
    )
    text = render(replace(report, findings=(broken,)), "text", view)
    assert text.startswith(
        "error[AW001]: `app/files.py` cannot be parsed: invalid syntax\n"
        " --> app/files.py:2:12\n"
        "  |\n"
        '2 |    return open("motd.txt").read()\n'
        "  |           ^^^^\n"
        "  |\n"
        "  = help: mend it, or name it in `exclude`\n"
    )


def test_a_proof_that_begins_elsewhere_says_where(report: Report, view: View) -> None:
    first = next(each for each in report.findings if each.path == "app/orders.py")
    later = replace(first, trace=(Hop("app/rates.py", 5, 11, "app.rates.load_rates", "makes it"), *first.trace))
    text = render(replace(report, findings=(later,)), "text", view)
    assert (
        """
  |
  | app/rates.py:5 in app.rates.load_rates
5 |    return requests.get("https://rates.example", timeout=5).json()
"""
        in text
    )


def test_many_places_and_roots_are_counted(report: Report, view: View) -> None:
    first = report.findings[1]
    many = tuple(replace(first, line=line, roots=(f"GET /{line}",)) for line in range(1, 41))
    text = render(replace(report, findings=many), "text", view)
    assert "reached by GET /1, GET /2, GET /3 and 37 more\n" in text
    assert "= and 39 more places: app/orders.py:2:12, app/orders.py:3:12, app/orders.py:4:12 and 36 more\n" in text


def test_a_cause_at_the_same_place_is_shown_along(report: Report, view: View) -> None:
    first = report.findings[1]
    deeper = Hop("app/prices.py", 9, 5, "app.prices.store", "open waits for a file")
    others = [replace(first, cause=f"o{n}", trace=(*first.trace, replace(deeper, line=n))) for n in range(1, 6)]
    doubtful = replace(first, cause="l", confidence="likely", trace=(first.trace[0], deeper))
    text = render(replace(report, findings=(first, *others, doubtful)), "text", view)
    assert text.count("error[AW201]") == 1
    assert "  = there too: open waits for a file, at app/prices.py:1\n" in text
    assert text.count("there too: ") == 4
    assert "  = there too: 3 more\n" in text
    assert "Found 7 causes at 7 places (7 errors)" in text


def test_what_is_certain_is_not_hidden_behind_what_is_likely(report: Report, view: View) -> None:
    certain = report.findings[1]
    likely = replace(certain, cause="l", confidence="likely", trace=certain.trace[:1])
    elsewhere = replace(likely, line=11)
    text = render(replace(report, findings=(certain, likely, elsewhere)), "text", view)
    assert text.count("error[AW201]") == 2


def test_colour_only_paints(report: Report, view: View) -> None:
    painted = render(report, "text", replace(view, color=True))
    assert painted.startswith("\x1b[1;31merror[AW201]\x1b[0m: \x1b[1m`requests.get`")
    plain = painted
    for code in ("1;31", "1;33", "1;34", "1", "2", "36", "32", "0"):
        plain = plain.replace(f"\x1b[{code}m", "")
    assert plain == EXPECTED


def test_a_missing_source_leaves_the_places(report: Report, tmp_path: Path) -> None:
    text = render(replace(report, findings=report.findings[:1]), "text", View(SourceLines(str(tmp_path / "gone"))))
    assert text.startswith(
        "warning[AW201]: `open` waits for a file on the event loop (likely)\n"
        " --> app/files.py:2:12 in app.files.motd\n"
        "  | waits for a file\n"
        "\n"
    )


def test_a_terminal_is_not_steered_by_what_is_quoted(report: Report, view: View, tmp_path: Path) -> None:
    evil = "app/\x1b[2J.py"
    (tmp_path / evil).write_text("open()  # \x1b]0;owned\x07\n", encoding="utf-8")
    first = report.findings[0]
    finding = replace(first, path=evil, line=1, column=1, trace=(Hop(evil, 1, 1, "app", "waits"),))
    assert "\x1b" not in render(replace(report, findings=(finding,)), "text", view)


def test_carets_stand_under_the_callee() -> None:
    assert quote("\t\tx = self.client.get(url)\n", 7) == ("    x = self.client.get(url)", "        ^^^^^^^^^^^^^^^")
    assert quote("    (yield)", 5) == ("    (yield)", "    ^")
    assert quote("x = 'é漢' + open(p)", 12) == ("    x = 'é漢' + open(p)", "                ^^^^")
    assert quote("short", 99) == ("    short", "         ^")


def test_a_long_line_is_cut_around_the_callee() -> None:
    line, carets = quote("a" * 5000 + ", open(p), " + "b" * 5000, 5003)
    assert len(line) == WIDTH + 6
    assert line.startswith("    …a")
    assert line.endswith("b…")
    start = carets.index("^")
    assert line[start : start + 4] == "open"


def test_lines_are_those_that_python_counts(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_bytes(b"\xef\xbb\xbfone\r\ntwo\x0c\x0btwo\rthree\nfour \xff")
    (tmp_path / "b.py").write_bytes("# coding: latin-1\né".encode("latin-1"))
    (tmp_path / "c.py").write_bytes(b"# coding: nonsense\nx\x00")
    sources = SourceLines(str(tmp_path))
    assert [sources.line("a.py", n) for n in range(6)] == [None, "one", "two\x0c\x0btwo", "three", "four �", None]
    assert sources.line("b.py", 2) == "é"
    assert sources.line("c.py", 2) == "x\x00"
    assert sources.line("missing.py", 1) is None
