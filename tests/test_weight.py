"""How much a question page weighs on the way to a phone: the first time, and after it."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page

from tests import people
from tests.live import Phone
from tests.test_journey import somebody_invited

FIRST, AFTER = 95_000, 12_000  # bytes over the wire, headers and all
WITH_PICTURES = 22_000  # a page of ticks, the first time: a small picture beside each, kept for a year
TICKS = 4  # of the questions that come after the first

pytestmark = pytest.mark.browser


class Scales:
    """What the pages of one tab take over the wire, as Chromium itself counts it."""

    def __init__(self, context: BrowserContext) -> None:
        self.page: Page = context.new_page()
        self.bytes, self.hosts = 0, set[str]()
        chromium = context.new_cdp_session(self.page)
        chromium.send("Network.enable")
        chromium.on("Network.requestWillBeSent", self._asked)
        chromium.on("Network.loadingFinished", lambda finished: self._add(finished["encodedDataLength"]))

    def _asked(self, sent: dict) -> None:
        self.hosts.add(urlsplit(sent["request"]["url"]).netloc)
        if "redirectResponse" in sent:
            self._add(sent["redirectResponse"]["encodedDataLength"])

    def _add(self, number: float) -> None:
        self.bytes += int(number)

    def weigh(self) -> int:
        """The bytes since last time."""
        weighed, self.bytes = self.bytes, 0
        return weighed


def way_through(scales: Scales) -> Iterator[int]:
    """The weight of each question page that Save leads to, up to the page with all answers."""
    while True:
        if scales.page.locator("textarea").count():
            scales.page.locator("textarea").fill("the sea")
        with scales.page.expect_navigation():
            scales.page.get_by_role("button", name="Save and go on").click()
        weight = scales.weigh()
        if scales.page.url.endswith("/check"):
            return
        yield weight


@pytest.mark.slow
def test_a_question_page_is_light(chromium, deal):
    with Phone(chromium, deal.address) as amina:
        amina.open("/sign-in")
        amina.write("Your sign-in name", somebody_invited(deal.folder))
        amina.write("Your PIN", people.PIN)
        amina.press("Sign in")
        amina.press("Start")
        question, signed_in = amina.page.url, amina.context.storage_state()
    with chromium.new_context(storage_state=signed_in, locale="en-GB") as nothing_kept:
        scales = Scales(nothing_kept)
        scales.page.goto(question, wait_until="networkidle")
        first = scales.weigh()
        assert 20_000 < first < FIRST, "the static files are compressed by make setup"
        after = list(way_through(scales))
        assert len(after) == 13
        with_pictures = [weight for weight in after if weight >= AFTER]
        assert 1_000 < max(after) < WITH_PICTURES and len(with_pictures) <= TICKS
        assert scales.hosts == {urlsplit(deal.address).netloc}
