"""Counts what somebody meets on each front page: `.venv/bin/python -m scripts.front_pages`.

Loads the demonstration into a database of its own, serves it, and walks through it as a resident, a coach and the
manager. Prints each count beside the most that it may be, and fails where one is higher. Needs Chromium.
"""

import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from bs4 import BeautifulSoup
from playwright.sync_api import Browser, Locator, Page
from werkzeug.exceptions import HTTPException
from werkzeug.routing import MapAdapter

from deal import create_app
from scripts.pictures import DESK, signed_in
from tests.live import NO_CHROMIUM, Live, find_chromium, running_chromium, running_deal

MOST = {
    "pages a resident reaches": 32,
    "pages a coach reaches": 28,
    "pages a manager reaches": 18,
    "links in the footer": 4,
    "words on the manager's first page": 300,
    "words before its numbers": 119,
    "height of a resident's page for the coach": 1600,
    "top of the main heading on a small phone": 180,
    "taps from the code to the first question": 5,
    "taps for a check-in from My page": 2,
}
SMALL_PHONE = {"width": 360, "height": 640}
OF_A_KIND = 12  # pages of one pattern that are opened: what one links to, most do


def main() -> None:
    """Print the counts; the exit code says whether each is low enough."""
    executable = find_chromium() or sys.exit(NO_CHROMIUM)
    with (
        tempfile.TemporaryDirectory() as instance,
        running_deal(Path(instance), demonstration=True) as live,
        running_chromium(executable) as chromium,
    ):
        found = counts(live, chromium)
    for what, (number, where) in found.items():
        print(f"{number:>5}  at most {MOST[what]:>4}  {what}{':' if where else ''} {where}")
    sys.exit(any(number > MOST[what] for what, (number, _where) in found.items()))


def counts(live: Live, chromium: Browser) -> dict[str, tuple[int, str]]:
    """Each count, and where it comes from, of a demonstration that nobody has touched yet."""
    people = {person["role"]: person for person in reversed(live.people)}
    pages = {role: signed_in(chromium, live.address, person, DESK) for role, person in people.items()}
    found: dict[str, tuple[int, str]] = {}
    for role, page in pages.items():
        patterns = reached(page, live.address)
        found[f"pages a {role} reaches"] = len(patterns), ", ".join(sorted(patterns))
    footers = {role: page.locator("footer a").count() for role, page in pages.items()}
    found["links in the footer"] = max(footers.values()), str(footers)
    everything, before = manager_words(pages["manager"])
    found["words on the manager's first page"] = everything, ""
    found["words before its numbers"] = before, ""
    tall = list(heights(pages["coach"]))
    found["height of a resident's page for the coach"] = max(tall), str(sorted(tall))
    tops = {role: heading_top(page) for role, page in pages.items()}
    found["top of the main heading on a small phone"] = max(tops.values()), str(tops)
    found["taps from the code to the first question"] = to_the_first_question(chromium, live)
    found["taps for a check-in from My page"] = for_a_check_in(pages["resident"])
    return {what: found[what] for what in MOST if what in found}


def reached(page: Page, address: str) -> set[str]:
    """The patterns of the pages that links lead to from somebody's first page; papers and files are no pages."""
    rules = create_app().url_map.bind(urlsplit(address).netloc)
    todo, seen, opened, pages = [page.url], set(), defaultdict(int), set()
    while todo:
        url = todo.pop(0)
        pattern = pattern_of(url, rules)
        if url in seen or pattern is None or opened[pattern] >= OF_A_KIND:
            continue
        seen.add(url)
        opened[pattern] += 1
        answer = page.request.get(url)
        if answer.ok and answer.headers["content-type"].startswith("text/html"):
            landed = pattern_of(answer.url, rules)
            pages |= {landed} if landed else set()
            links = BeautifulSoup(answer.text(), "html.parser").select("a[href]")
            todo += [urljoin(answer.url, str(link["href"])).partition("#")[0] for link in links]
    return pages


def pattern_of(url: str, rules: MapAdapter) -> str | None:
    """The pattern of an address of Deal's own; none for what is elsewhere, and for choosing a language or a size."""
    parts = urlsplit(url)
    if parts.netloc != rules.server_name:
        return None
    try:
        rule, _values = rules.match(parts.path, method="GET", return_rule=True)
    except HTTPException:
        return None
    return None if rule.endpoint in ("static", "home.language", "home.text_size", "home.index") else rule.rule


def manager_words(page: Page) -> tuple[int, int]:
    """The words that show on the manager's first page, and those before the first of its numbers."""
    main = page.locator("main")
    before = page.evaluate(
        """() => { const range = document.createRange(), main = document.querySelector('main');
        range.setStart(main, 0); range.setEndBefore(main.querySelector('[data-number]'));
        const box = document.createElement('div'); box.append(range.cloneContents()); main.append(box);
        const words = box.innerText; box.remove(); return words; }"""
    )
    return len(main.inner_text().split()), len(before.split())


def heights(coach: Page) -> Iterator[int]:
    """How high the page of each of the coach's residents is."""
    coach.goto("/people")
    links = coach.locator("main a[href*='/residents/']").evaluate_all("all => all.map(one => one.pathname)")
    for path in sorted({"/".join(one.split("/")[:3]) for one in links}):
        coach.goto(path)
        yield coach.evaluate("document.documentElement.scrollHeight")


def heading_top(page: Page) -> int:
    """Where the main heading of somebody's first page begins on a small phone, in CSS pixels."""
    page.goto("/")
    page.set_viewport_size(SMALL_PHONE)  # type: ignore[arg-type]
    top: dict[str, Any] | None = page.locator("h1").bounding_box()
    page.set_viewport_size(DESK)  # type: ignore[arg-type]
    return round(top["y"]) if top else 0


class Taps:
    """A page on which somebody presses, and what they pressed so far."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.pressed: list[str] = []

    def on(self, wanted: Locator, name: str) -> None:
        """Press this, which has that name, and wait for what comes."""
        self.pressed.append(name)
        wanted.click()
        self.page.wait_for_load_state()

    def button(self, name: str) -> None:
        """Press the first button of this name in the main part."""
        self.on(self.page.locator("main").get_by_role("button", name=name).first, name)

    @property
    def count(self) -> tuple[int, str]:
        """How many, and which."""
        return len(self.pressed), ", ".join(self.pressed)


def to_the_first_question(chromium: Browser, live: Live) -> tuple[int, str]:
    """From opening the code, as the QR code on a letter does; typing a PIN is no press."""
    page = chromium.new_context(base_url=live.address, viewport=SMALL_PHONE).new_page()  # type: ignore[arg-type]
    taps = Taps(page)
    code = live.run("demo").split("  code ")[1].split()[0]
    page.goto(f"/i/{code}")
    taps.button("Yes, that is me, and I agree")
    page.locator("[name=pin]").fill("294857")
    taps.button("Keep this PIN")
    taps.button("Start")
    assert "Question 1 of" in page.locator("main").inner_text(), f"the taps led to {page.url}"
    return taps.count


def for_a_check_in(page: Page) -> tuple[int, str]:
    """A number for the first goal on the resident's own page."""
    taps = Taps(page)
    page.goto("/")
    beside = page.locator("main details:has(form[action$='/check-in'])").first
    taps.on(beside.locator("summary"), "How is it going?")
    taps.on(beside.get_by_role("button", name="7"), "7")
    assert "We saved how it is going" in page.locator("main").inner_text(), f"the taps led to {page.url}"
    return taps.count


if __name__ == "__main__":
    main()
