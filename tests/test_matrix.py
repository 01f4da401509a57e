"""The slow matrix: all pages that the demonstration's people can reach, in three widths, two colours, two languages."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest

from deal.config import ROOT
from tests.live import ASKED, ASKED_OF_COLOURS, AXE, DEAL, REACHING_OUT, Live, Phone, running_deal

pytestmark = [pytest.mark.slow]
WIDTHS = (320, 390, 1280)
# a window of 1280 x 1024 at 400 %
ZOOMED = {"width": 320, "height": 256, "deviceScaleFactor": 4, "mobile": False}
COLOURS = {"light": ASKED, "dark": ASKED_OF_COLOURS}
ENOUGH = 60  # pages a person
# forms that refuse to be sent empty, by what their address ends with
REFUSING = ("/sign-in", "/code", "/new-pin", "/goals/new", "/invitations/new", "/deal", "/change", "/cover")
STYLES = ROOT / "deal" / "static" / "deal.css"
MEGABYTES_FOR_100_000 = 250
# Linux counts what the starting process held as the started one's: this small one starts it, not the tests' large one
LOAD_AND_MEASURE = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A demonstration in which no other test has typed: a form that is sent empty here has no draft."""
    with running_deal(tmp_path_factory.mktemp("matrix"), demonstration=True) as live:
        yield live


@pytest.mark.browser
@pytest.mark.parametrize("language", ["en", "cy"])
@pytest.mark.parametrize("role", ["nobody", "resident", "coach", "manager"])
def test_every_page_in_every_width_colour_and_language(chromium, untouched: Live, role: str, language: str):
    with Phone(chromium, untouched.address) as phone:
        home = "/" if role == "nobody" else phone.sign_in(untouched, role)["home"]
        phone.context.add_cookies([{"name": "deal_language", "value": language, "url": untouched.address}])
        phone.asks_axe = False  # look_at asks it, of every width
        seen = walk(phone, home)
    assert len(seen) >= {"nobody": 5, "resident": 12, "coach": 10, "manager": 4}[role], seen


def walk(phone: Phone, home: str) -> list[str]:
    """Look at each kind of page once, from link to link."""
    waiting, seen = [home], list[str]()
    while waiting and len(seen) < ENOUGH:
        path = waiting.pop(0)
        if kind(path) in seen:
            continue
        seen.append(kind(path))
        phone.open(path)
        look_at(phone)
        links = phone.page.locator("a[href]").evaluate_all("all => all.map(one => one.getAttribute('href'))")
        if path.endswith(REFUSING):
            send_empty(phone)
        waiting += [one for one in (urljoin(path, link) for link in links) if is_page(one, phone)]
    return seen


def kind(path: str) -> str:
    """Pages that differ in numbers alone are of one kind."""
    return re.sub(r"\d+", "N", urlsplit(path).path)


def is_page(address: str, phone: Phone) -> bool:
    parts = urlsplit(address)
    here = parts.scheme in ("", "http") and parts.netloc in ("", phone.host)
    return here and not parts.path.endswith((".pdf", ".csv", ".toml", ".ics", ".png"))


def send_empty(phone: Phone) -> None:
    """Press the page's last button with nothing filled in: the page comes back and says what to do."""
    phone.page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
    buttons = phone.page.locator("main form button.govuk-button:not(.govuk-button--secondary)")
    with phone.page.expect_navigation() as coming:
        buttons.last.click()
    assert coming.value and coming.value.status == 422, phone.page.url
    assert phone.page.title().startswith(("Error: ", "Gwall: "))
    look_at(phone)


def look_at(phone: Phone) -> None:
    """Widths and colours, with axe in each; and close to. In the dark nothing but colours is another."""
    page = phone.page
    look_close(phone)
    page.evaluate(AXE.axe_script)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{page.url} reaches beyond {width}"
        for colours, asked in COLOURS.items():
            page.emulate_media(color_scheme=colours)
            found = page.evaluate("options => axe.run(options)", asked)
            faults = [(one["id"], one["nodes"][0]["html"][:200]) for one in found["violations"]]
            assert not faults, f"{page.url} at {width}, {colours}: {faults}"


def test_in_the_dark_nothing_but_colours_is_another():
    """So that axe need not ask everything again there."""
    sheet = re.sub(r"/\*.*?\*/", "", STYLES.read_text(encoding="utf-8"), flags=re.DOTALL)
    blocks = re.findall(r"@media[^{]*dark\)[^{]*\{((?:[^{}]*\{[^{}]*\})*)\s*\}", sheet)
    assert len(blocks) == sheet.count("dark)") > 0
    set_there = {name for block in blocks for name in re.findall(r"([\w-]+)\s*:[^:;{}]+;", block)}
    assert {name for name in set_there if not is_a_colour(name)} == set()


def is_a_colour(name: str) -> bool:
    return name.startswith("--deal-") or name.endswith("color") or name in ("background", "filter")


def look_close(phone: Phone) -> None:
    """At 400 % nothing reaches beyond the window."""
    window = phone.context.new_cdp_session(phone.page)
    window.send("Emulation.setDeviceMetricsOverride", ZOOMED)
    seen = phone.page.evaluate("[innerWidth, devicePixelRatio, document.documentElement.scrollWidth]")
    assert seen == [320, 4, 320], f"{phone.page.url} at 400 %: {seen}, {phone.page.evaluate(REACHING_OUT, 320)}"
    window.send("Emulation.clearDeviceMetricsOverride")
    window.detach()


def test_a_hundred_thousand_residents_load_in_little_memory(tmp_path: Path):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DEAL_")}
    environment["DEAL_INSTANCE"] = str(tmp_path)
    command = [sys.executable, "-c", LOAD_AND_MEASURE, DEAL, "demo", "--residents", "100000"]
    kilobytes = subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout
    assert int(kilobytes) / 1024 < MEGABYTES_FOR_100_000
