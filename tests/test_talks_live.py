"""A talk is written down in a real browser: with few keys, and where the signal goes."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.live import Live, Phone

pytestmark = [pytest.mark.browser, pytest.mark.slow]  # the fast tests drive draft.js in test_drafts_live.py

WORDS = "she showed me the peas\nand laughed"
HERS = "i can ask for things"
FOCUSED = "() => (document.activeElement.name || document.activeElement.textContent).trim()"
KEPT_HERE = "() => JSON.stringify([localStorage, sessionStorage])"


@pytest.fixture
def sam(chromium: Browser, demonstration: Live) -> Iterator[Phone]:
    """The first coach, on Today."""
    with Phone(chromium, demonstration.address) as phone:
        phone.sign_in(demonstration, "coach")
        yield phone


def test_from_today_to_saved_in_under_ten_keys(sam):
    keyboard, presses = sam.page.keyboard, 0

    def until(focused: str) -> int:
        for count in range(1, 20):
            keyboard.press("Tab")
            if sam.page.evaluate(FOCUSED).startswith(focused):
                return count
        raise AssertionError(f"no way to {focused!r} by Tab")

    presses += until("Skip to")
    keyboard.press("Enter")
    presses += 1 + until("We talked")
    sam.key("Enter")
    presses += 1
    assert sam.page.evaluate(FOCUSED) == "words", "it is there already"
    keyboard.type(WORDS)
    presses += until("taking_away")
    keyboard.type(HERS)
    presses += until("feels")
    keyboard.press("Space")
    sam.key("Enter")
    presses += 2
    assert "is saved." in sam.text and WORDS in sam.words and HERS in sam.words
    assert presses < 10, presses


def test_it_is_sent_when_the_signal_returns(sam):
    says, page = sam.page.locator("[data-says]"), sam.page
    sam.page.get_by_role("link", name="We talked").first.click()
    says.wait_for()  # the page's script has begun
    where = sam.path
    sam.context.set_offline(True)
    sam.write("What was said (you can leave this empty)", "where there is no signal")
    for _ in range(2):  # impatient
        page.get_by_role("button", name="We talked").click()
        says.get_by_text("Leave this page open: it is sent when the signal returns.").wait_for()
    assert sam.path == where and page.evaluate(KEPT_HERE) == "[{},{}]", "no word of it stays on the device"
    sam.write("One thing they are taking away, in their words", "still typing")
    sam.context.set_offline(False)
    page.wait_for_url(lambda url: not url.endswith("/new"))
    assert "is saved." in sam.text and {"where there is no signal", "still typing"} <= set(sam.words)
    sam.faults.clear()  # the browser says, too, that it had no connection
    sam.follow("Read this talk and those before")
    assert sam.words.count("where there is no signal") == 1


def test_a_signal_that_is_there_and_leads_nowhere(sam):
    says, page = sam.page.locator("[data-says]"), sam.page
    sam.page.get_by_role("link", name="We talked").first.click()
    says.wait_for()  # the page's script has begun
    page.route("**/draft", lambda route: route.abort())
    sam.write("What was said (you can leave this empty)", "one bar of signal")
    page.get_by_role("button", name="We talked").click()
    says.get_by_text("Leave this page open").wait_for()
    page.unroute("**/draft")
    page.wait_for_url(lambda url: not url.endswith("/new"))
    assert "is saved." in sam.text and "one bar of signal" in sam.words
    sam.faults.clear()


def test_two_taps_on_a_phone(sam):
    sam.page.get_by_role("link", name="We talked").first.click()
    button = sam.page.get_by_role("button", name="We talked")
    box, height = button.bounding_box(), sam.page.viewport_size["height"]
    assert box["y"] + box["height"] <= height, "the button is in sight"
    sam.press("We talked")
    assert "is saved." in sam.text
