"""Deal as `deal start` serves it, on a free port of this machine, and phones that check every page they show."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from time import monotonic, sleep
from typing import Any
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

from axe_playwright_python.sync_playwright import Axe, AxeResults
from playwright.sync_api import Browser, ConsoleMessage, Locator, Request, Response, sync_playwright

from deal.config import ROOT
from tests.postgres import free_port

PHONE, NARROWEST = 390, 320
LEAST_TARGET = 44  # pixels: what a thumb hits

DEAL = str(Path(sys.executable).with_name("deal"))
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ON_A_MAC = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
NO_CHROMIUM = "There is no Chromium or Chrome here, so no page was seen in a browser: sudo apt-get install chromium"
ARGUMENTS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)

AXE = Axe()
AXE_TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
ASKED = {"runOnly": AXE_TAGS, "rules": {"target-size": {"enabled": True}}, "resultTypes": ["violations"]}
# all that another colour scheme can change
OF_COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
ASKED_OF_COLOURS = {"runOnly": OF_COLOURS, "resultTypes": ["violations"]}
# the title and the kinds of elements on a page
LOOK = """() => [document.title, ...new Set([...document.querySelectorAll('*')].map(one =>
    [one.tagName, one.className.baseVal ?? one.className, one.getAttribute('role'), one.type].join()))].join('\\n')"""
# what can be pressed: a box together with its label; but no link that stands within a sentence (WCAG 2.5.8)
SMALL_TARGETS = """least => {
    const inline = one => one.matches('a') && getComputedStyle(one).display === 'inline';
    const words = one => [...one.childNodes].some(part => part.nodeType === Node.TEXT_NODE && part.data.trim());
    const size = one => {
        const boxes = [one, ...(one.matches('[type=checkbox], [type=radio]') ? one.labels : [])]
            .map(part => part.getBoundingClientRect());
        const far = (side, most) => most(...boxes.map(box => box[side]));
        return [far('right', Math.max) - far('left', Math.min), far('bottom', Math.max) - far('top', Math.min)];
    };
    return [...document.querySelectorAll('a[href], button, summary, select, textarea, input:not([type=hidden])')]
        .filter(one => one.checkVisibility({visibilityProperty: true}) && !one.matches('.govuk-skip-link'))
        .filter(one => !(inline(one) && words(one.parentElement)))
        .filter(one => size(one).some(side => Math.round(side) < least))
        .map(one => `${one.outerHTML.slice(0, 120)}: ${size(one).map(Math.round).join(' x ')}`);
}"""
REACHING_OUT = """width => [...document.body.querySelectorAll('*')]
    .filter(one => one.getBoundingClientRect().right > width + 0.5)
    .map(one => one.outerHTML.slice(0, 120)).slice(-3)"""


@dataclass
class Live:
    """A Deal that is being served."""

    address: str
    folder: Path
    environment: dict[str, str]
    server: subprocess.Popen | None = None

    @cached_property
    def people(self) -> list[dict[str, Any]]:
        """Who can sign in to the demonstration, where and how."""
        found: list[dict[str, Any]] = json.loads(self.run("demo", "--json"))["people"]
        return found

    def start(self) -> None:
        """Serve it, and wait until it answers."""
        log = self.folder / "log.txt"
        with log.open("a") as output:
            streams = {"stdout": output, "stderr": output}
            # a session of its own: whoever kills it kills its workers too
            self.server = subprocess.Popen(
                [DEAL, "start"],
                cwd=ROOT,
                env=self.environment,
                start_new_session=True,
                preexec_fn=_listen_to_ctrl_c,
                **streams,
            )
        _wait_for(f"{self.address}/help", self.server, log)

    def end(self, how: signal.Signals) -> None:
        """End the server, and its workers, by this signal."""
        if self.server:
            os.killpg(self.server.pid, how)
            self.server.wait()
            self.server = None

    def run(self, *arguments: str) -> str:
        """What the command `deal` prints, on this Deal's own database."""
        command = [DEAL, *arguments]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"deal {' '.join(arguments)} said: {done.stderr}"
        return done.stdout


@contextmanager
def running_deal(folder: Path, demonstration: bool) -> Iterator[Live]:
    """Deal on a new database in that folder, served until the block ends."""
    port = free_port()
    live = Live(f"http://127.0.0.1:{port}", folder, _environment(folder, port, demonstration))
    try:
        live.start()
        yield live
    finally:
        live.end(signal.SIGTERM)


def _listen_to_ctrl_c() -> None:
    """Also where a shell runs the tests in the background, and has them ignore it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _wait_for(address: str, server: subprocess.Popen, log: Path) -> None:
    until = monotonic() + 60
    while monotonic() < until and server.poll() is None:
        try:
            with urlopen(address, timeout=5):
                return
        except (URLError, ConnectionError, TimeoutError):
            sleep(0.05)
    raise RuntimeError(f"Deal did not start:\n{log.read_text()}")


def _environment(folder: Path, port: int, demonstration: bool) -> dict[str, str]:
    """This process's own, but for what would lead to another database."""
    others = {name: value for name, value in os.environ.items() if not name.startswith(("DEAL_", "FLASK_"))}
    ours = {"DEAL_INSTANCE": str(folder), "PORT": str(port), "DEAL_DEMO": "yes" if demonstration else "no"}
    return others | ours | {"PYTHONUNBUFFERED": "1"}


def find_chromium() -> str | None:
    """The machine's own Chromium or Chrome: $CHROMIUM, or the first that is found."""
    names = (os.environ.get("CHROMIUM", ""), *BROWSERS, ON_A_MAC)
    return next(filter(None, map(shutil.which, filter(None, names))), None)


_running: list[Browser] = []


@contextmanager
def running_chromium(executable: str) -> Iterator[Browser]:
    """That browser, without a window; the one that runs already, where one does."""
    if _running:
        yield _running[0]
        return
    with sync_playwright() as playwright:
        _running.append(playwright.chromium.launch(executable_path=executable, args=list(ARGUMENTS)))
        try:
            yield _running[0]
        finally:
            _running.pop().close()


class Phone:
    """One person's phone. After each press it checks the page: axe, width, targets, console, requests."""

    def __init__(self, chromium: Browser, address: str, javascript: bool = True) -> None:
        self.host = urlsplit(address).netloc
        self.context = chromium.new_context(
            base_url=address,
            viewport={"width": PHONE, "height": 844},
            java_script_enabled=javascript,
            reduced_motion="reduce",
            locale="en-GB",
            timezone_id="Europe/London",
        )
        self.context.set_default_timeout(60_000)  # a busy machine is no mistake of the page
        self.page = self.context.new_page()
        self.asks_axe = javascript  # without it, axe never answers
        self.faults: list[str] = []
        self.known: set[str] = set()
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.faults.append(f"script error: {error}"))
        self.context.on("request", self._note)

    def __enter__(self) -> "Phone":
        return self

    def __exit__(self, *_: object) -> None:
        self.context.close()

    def sign_in(self, deal: Live, role: str) -> dict[str, Any]:
        """As the first person of this role in the demonstration; gives who that is."""
        person = next(one for one in deal.people if one["role"] == role)
        self.open(person["page"])
        for name, value in person["fields"].items():
            self.page.fill(f"[name={name}]", value)
        self.press("Sign in")
        return person

    def open(self, address: str, status: int = 200) -> None:
        """Type an address."""
        self._check(self.page.goto(address), status)

    def press(self, text: str | re.Pattern[str], status: int = 200) -> None:
        """Press the first button with this text, and look at the page that comes."""
        self._go(self.page.get_by_role("button", name=text, exact=True).first, status)

    def follow(self, text: str | re.Pattern[str], status: int = 200) -> None:
        """Follow the first link with this text."""
        self._go(self.page.get_by_role("link", name=text, exact=True).first, status)

    def unfold(self, text: str) -> None:
        """Open what is folded away."""
        self.page.locator("summary", has_text=text).click()

    def write(self, label: str, words: str) -> None:
        """Write into the box with this label."""
        self.page.get_by_label(label, exact=True).fill(words)

    def write_day(self, legend: str, day: str) -> None:
        """Write a day such as 2026-03-27 into the three boxes under this legend."""
        boxes = self.page.get_by_role("group", name=legend)
        for label, part in zip(("Year", "Month", "Day"), day.split("-"), strict=True):
            boxes.get_by_label(label, exact=True).fill(part)

    def tick(self, *labels: str) -> None:
        """Tick the boxes, or choose, what has these labels."""
        for label in labels:
            self.page.get_by_label(label, exact=True).check()

    def go_back(self) -> None:
        """The phone's own back button."""
        self._check(self.page.go_back(), 200)

    def tab_to(self, wanted: Locator, most: int = 40) -> None:
        """Press Tab until this has the focus, and see that it shows."""
        for _ in range(most):
            self.page.keyboard.press("Tab")
            if wanted.evaluate("one => one === document.activeElement"):
                assert wanted.evaluate(FOCUS_SHOWS), f"nothing shows that {wanted} has the focus"
                return
        raise AssertionError(f"{most} presses of Tab on {self.page.url} do not reach {wanted}")

    def key(self, key: str, status: int = 200) -> None:
        """Press a key that sends the page."""
        with self.page.expect_navigation() as coming:
            self.page.keyboard.press(key)
        self._check(coming.value, status)

    @property
    def path(self) -> str:
        """Where it is."""
        return urlsplit(self.page.url).path

    @property
    def heading(self) -> str:
        """The page's h1."""
        return " ".join(self.page.locator("h1").inner_text().split())

    @property
    def text(self) -> str:
        """The page's main part, as it reads."""
        return self.page.locator("main").inner_text()

    @property
    def words(self) -> list[str]:
        """People's words on the page, each letter for letter."""
        return self.page.locator("blockquote, .deal-said-words").evaluate_all("all => all.map(one => one.textContent)")

    def number_in_path(self, after: str) -> int:
        """The number that stands in the address behind a word, such as residents."""
        found = re.search(rf"/{after}/(\d+)", self.path)
        assert found, f"{self.path} has no number behind {after}"
        return int(found[1])

    def _go(self, pressed: Locator, status: int) -> None:
        with self.page.expect_navigation() as coming:
            pressed.click()
        self._check(coming.value, status)

    def _check(self, answer: Response | None, status: int) -> None:
        """Everything that holds on every page."""
        page, where = self.page, f"{self.page.url} ({self.page.title()})"
        assert answer and answer.status == status, f"{where} answered {answer and answer.status}:\n{self.text}"
        for width in (NARROWEST, PHONE):
            page.set_viewport_size({"width": width, "height": 844})
            reach = page.evaluate("document.documentElement.scrollWidth")
            assert reach <= width, f"{where} is {reach} wide at {width}: {page.evaluate(REACHING_OUT, width)}"
        assert (small := page.evaluate(SMALL_TARGETS, LEAST_TARGET)) == [], f"small targets on {where}: {small}"
        if self.asks_axe:
            self._ask_axe(where)
        assert self.faults == [], f"on {where}: {self.faults}"

    def _ask_axe(self, where: str) -> None:
        """Not again about a page with nothing new on it; the matrix asks in the dark, and in other widths."""
        page = self.page
        look = page.evaluate(LOOK)
        if look in self.known:
            return
        self.known.add(look)
        page.evaluate(AXE.axe_script)
        found = AxeResults(page.evaluate("options => axe.run(options)", ASKED))
        assert found.violations_count == 0, f"{where}: {found.generate_report()}"

    def _hear(self, message: ConsoleMessage) -> None:
        # pages answer with the status that is expected of them; what they load has to be there
        of_a_page = message.text.startswith("Failed to load resource") and "/static/" not in message.location["url"]
        if message.type in ("error", "warning") and not of_a_page:
            self.faults.append(f"console: {message.text}")

    def _note(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.netloc != self.host and parts.scheme not in ("data", "blob"):
            self.faults.append(f"asked {request.url}")


FOCUS_SHOWS = """one => [one, one.labels?.[0], one.parentElement].some(shown => shown &&
    (getComputedStyle(shown).outlineStyle !== 'none' || getComputedStyle(shown).boxShadow !== 'none'
     || getComputedStyle(shown, '::before').boxShadow !== 'none'))"""
