"""The page in Chromium: no error, everything by mouse and by keyboard, quick when large, fit for screen readers."""

import base64
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from large_review import FINDINGS, large_review

from archwise.review.page import render

webdriver = pytest.importorskip("selenium.webdriver", reason="needs selenium: pip install 'archwise[browser]'")
wait = pytest.importorskip("selenium.webdriver.support.wait")
NoSuchElementException = pytest.importorskip("selenium.common.exceptions").NoSuchElementException

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
DRIVER = shutil.which("chromedriver")
if not (CHROMIUM and DRIVER):
    pytest.skip("needs Chromium and chromedriver (Debian: chromium chromium-driver)", allow_module_level=True)

AXE = Path(os.environ.get("AXE_CORE", "node_modules/axe-core/axe.min.js"))
"""The script of axe-core: where ``npm install axe-core`` puts it, or what the environment names."""
LONG_TASK = 0.05
"""Seconds from which on a browser's task counts as long: https://www.w3.org/TR/longtasks-1/."""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    file = tmp_path_factory.mktemp("page") / "review.html"
    file.write_text(render(*large_review(), lambda path, line: f"line {line} of {path}"), encoding="utf-8")
    return file.as_uri()


@pytest.fixture(scope="module")
def driver() -> Iterator[Any]:
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=1280,900"):
        options.add_argument(argument)
    driver = webdriver.Chrome(options, webdriver.ChromeService(DRIVER))
    driver.set_script_timeout(120)
    yield driver
    driver.quit()


@pytest.fixture
def page(driver: Any, address: str) -> Iterator[Any]:
    """The page, freshly loaded; whatever is done with it, the console stays empty."""
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    driver.get("about:blank")
    driver.get(address)
    soon(driver, lambda: driver.current_url == address and status(driver) and shown(driver))
    yield driver
    assert driver.get_log("browser") == []


def soon(page: Any, holds: Callable[[], object]) -> Any:
    """What ``holds`` gives once it gives something: browsers tell of what was opened in their own time."""
    return wait.WebDriverWait(page, 60, 0.02, [NoSuchElementException]).until(lambda _: holds())


def shown(page: Any) -> list[Any]:
    return page.execute_script("return [...document.querySelectorAll('.cause')].filter(each => !each.hidden)")


def status(page: Any) -> str:
    return page.execute_script("return document.getElementById('shown').textContent")


def colour(page: Any) -> str:
    return page.execute_script("return getComputedStyle(document.body).backgroundColor")


def test_it_shows_verdicts_causes_and_map_first(page: Any) -> None:
    tops = page.execute_script(
        "return ['h1', '#decisions', '#causes', '#map', '#findings']"
        ".map(name => document.querySelector(name).getBoundingClientRect().top)"
    )
    assert tops == sorted(tops)
    assert page.execute_script("return document.querySelectorAll('.cards .card').length") == 3
    assert page.execute_script("return document.querySelectorAll('.map [data-part]').length") == 24


def test_nothing_sticks_out_on_a_phone(page: Any) -> None:
    page.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride", {"width": 390, "height": 800, "deviceScaleFactor": 1, "mobile": True}
    )
    try:
        assert page.execute_script("return document.documentElement.scrollWidth") <= 390
    finally:
        page.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_severities_and_rules_filter(page: Any) -> None:
    some = len(shown(page))
    page.find_element("css selector", "[name=severity][value=info]").click()
    every = len(shown(page))
    assert 0 < some < every
    assert status(page).endswith(f"{FINDINGS:,} places.".replace(",", ""))
    page.execute_script(
        "const rule = document.getElementById('rule'); rule.value = 'AW301';"
        "rule.dispatchEvent(new Event('input', {bubbles: true}))"
    )
    assert 0 < len(shown(page)) < every
    assert all(
        "AW301" in text for text in page.execute_script("return arguments[0].map(e => e.textContent)", shown(page))
    )


def test_slash_searches_and_words_narrow(page: Any) -> None:
    page.find_element("css selector", "body").send_keys("/")
    search = page.switch_to.active_element
    assert search.get_attribute("id") == "search"
    search.send_keys("MODULE_7.py call_7")
    assert 0 < len(shown(page)) < 5
    search.send_keys(" / nothing like this")
    assert status(page) == "0 causes at 0 places."


def test_a_cause_unfolds_to_places_and_their_trace(page: Any) -> None:
    cause = shown(page)[0]
    page.execute_script("arguments[0].scrollIntoView({block: 'center'})", cause)
    cause.find_element("css selector", "summary").click()
    place = soon(page, lambda: cause.find_element("css selector", "details"))
    place.find_element("css selector", "summary").click()
    soon(page, lambda: "line 7 of" in place.text)
    before = len(cause.find_elements("css selector", "details"))
    more = cause.find_element("css selector", "button")
    page.execute_script("arguments[0].click()", more)
    soon(page, lambda: len(cause.find_elements("css selector", "details")) > before)


def test_links_lead_somewhere(page: Any) -> None:
    lost = page.execute_script(
        "return [...document.querySelectorAll('a')].map(each => each.getAttribute('href'))"
        ".filter(each => !document.querySelector(each))"
    )
    assert lost == []
    chip = page.find_element("css selector", ".chip")
    chip.click()
    assert page.execute_script("return document.querySelector(':target').tagName") == "ARTICLE"


def test_dark_is_as_the_system_says_and_as_asked(page: Any) -> None:
    light = colour(page)
    dark = {"features": [{"name": "prefers-color-scheme", "value": "dark"}]}
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", dark)
    night = colour(page)
    assert light != night
    page.find_element("id", "theme").click()
    assert colour(page) == light


def test_it_prints_without_what_needs_a_screen(page: Any) -> None:
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    hidden = page.execute_script(
        "return ['#findings', '#theme', '.skip'].map(e => getComputedStyle(document.querySelector(e)).display)"
    )
    assert hidden == ["none", "none", "none"]
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    printed = page.execute_cdp_cmd("Page.printToPDF", {"printBackground": False})
    assert base64.b64decode(printed["data"]).startswith(b"%PDF")


def test_thousands_of_findings_scroll_and_filter_without_long_tasks(page: Any) -> None:
    """Time of the processor, not of the clock: a busy machine fails no test."""
    page.find_element("css selector", "[name=severity][value=info]").click()
    assert len(shown(page)) > 1000
    steps = 40
    cost = _spent(
        page,
        "const done = arguments[0]; let left = 40; const step = () => {"
        "  scrollBy(0, document.documentElement.scrollHeight / 40);"
        "  if (left--) requestAnimationFrame(step); else done(); }; step();",
    )
    assert cost / steps < LONG_TASK
    cost = _spent(
        page,
        "const done = arguments[0]; const box = document.getElementById('search'); box.value = 'module_19';"
        "box.dispatchEvent(new Event('input', {bubbles: true})); requestAnimationFrame(() => setTimeout(done));",
    )
    assert cost < 6 * LONG_TASK


def _spent(page: Any, script: str) -> float:
    """Seconds of its main thread that the page takes for a script that calls back."""
    page.execute_cdp_cmd("Performance.enable", {"timeDomain": "threadTicks"})
    before = _tasks(page)
    page.execute_async_script(script)
    spent = _tasks(page) - before
    page.execute_cdp_cmd("Performance.disable", {})
    print(f"{spent * 1000:.0f} ms")
    return spent


def _tasks(page: Any) -> float:
    metrics = page.execute_cdp_cmd("Performance.getMetrics", {})["metrics"]
    return next(each["value"] for each in metrics if each["name"] == "TaskDuration")


@pytest.mark.skipif(not AXE.is_file(), reason="needs axe-core: npm install axe-core, or AXE_CORE=axe.min.js")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_serious_fault(page: Any, scheme: str) -> None:
    page.execute_cdp_cmd(
        "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    )
    search = page.find_element("id", "search")
    search.send_keys("module_1.py")  # axe looks at each element: a handful of causes shows what all of them are like
    for cause in shown(page)[:2]:
        page.execute_script("arguments[0].open = true", cause)
    for folded in page.find_elements("css selector", "main section > details"):
        page.execute_script("arguments[0].open = true", folded)
    page.execute_script(AXE.read_text(encoding="utf-8"))
    found = page.execute_async_script(
        "const done = arguments[0]; document.querySelectorAll('.cause[hidden]').forEach(each => each.remove());"
        "axe.run(document, {resultTypes: ['violations']}).then(found => done(found.violations))"
    )
    faults = [(each["id"], each["help"], [node["html"][:120] for node in each["nodes"][:3]]) for each in found
              if each["impact"] in ("serious", "critical")]  # fmt: skip
    assert faults == []
