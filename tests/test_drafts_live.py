"""What is typed in the last second before a page is left, in a real browser."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from time import monotonic, sleep

import pytest

from tests.live import Live, Phone

pytestmark = pytest.mark.browser


@pytest.fixture
def nia(chromium, demonstration) -> Iterator[Phone]:
    """The first resident of the demonstration, signed in."""
    with Phone(chromium, demonstration.address) as phone:
        phone.sign_in(demonstration, "resident")
        yield phone


def new_goal(phone: Phone) -> None:
    phone.open(f"/residents/{phone.number_in_path('residents')}/goals/new")
    phone.page.locator("[data-says]").wait_for()  # the page's script has begun


def test_a_menu_link_pressed_at_once_loses_nothing(nia):
    new_goal(nia)
    nia.write("What do you want?", "a boat of my own")
    nia.follow("My story")
    new_goal(nia)
    assert nia.page.get_by_label("What do you want?").input_value() == "a boat of my own"
    nia.press("Throw this away")
    assert nia.page.get_by_label("What do you want?").input_value() == ""


def wait_for_draft(deal: Live, words: str) -> None:
    """Until a draft with these words is stored: what a closed tab sent is on its way for a while."""
    until = monotonic() + 30
    with closing(sqlite3.connect(deal.folder / "deal.db")) as database:
        while not database.execute("SELECT 1 FROM draft WHERE instr(fields, ?)", [words]).fetchone():
            assert monotonic() < until, f"no draft says {words!r}"
            sleep(0.05)


def test_closing_the_tab_loses_nothing(demonstration, nia):
    new_goal(nia)
    path = nia.path
    nia.write("What do you want?", "a garden")
    nia.page.close(run_before_unload=True)
    wait_for_draft(demonstration, "a garden")
    other = nia.context.new_page()
    other.goto(path)
    assert other.get_by_label("What do you want?").input_value() == "a garden"
    other.get_by_role("button", name="Throw this away").click()
    other.close()


@pytest.mark.slow
def test_typing_is_kept_and_a_lost_connection_is_told(nia):
    """A pause keeps it; without a connection the page says so, and tries again when it is back."""
    nia.open(f"/residents/{nia.number_in_path('residents')}/about-me")
    nia.unfold("A good day")
    nia.follow("What is a good day like for you?")
    box, says = nia.page.locator("textarea"), nia.page.locator("[data-says]")
    assert "We keep what you type as you go." in says.inner_text()
    box.fill("tea, and")
    says.get_by_text("Kept at").wait_for()
    nia.context.set_offline(True)
    box.fill("tea, and the sea")
    says.get_by_text("There is no connection.").wait_for()
    nia.context.set_offline(False)
    says.get_by_text("Kept at").wait_for()
    nia.faults.clear()  # the browser says, too, that it had no connection
    nia.page.reload()
    assert box.input_value() == "tea, and the sea"
    nia.press("Save and go on")
    nia.go_back()
    assert "have not saved" not in nia.text
    assert nia.page.get_by_role("button", name="Read it to me").count() == 0, "there is no voice here"


@pytest.mark.slow
@pytest.mark.parametrize("javascript", [True, False])
def test_the_language_switch_and_back_lose_nothing(chromium, demonstration, javascript):
    with Phone(chromium, demonstration.address, javascript) as nia:
        nia.sign_in(demonstration, "resident")
        nia.open(f"/residents/{nia.number_in_path('residents')}/goals/new")
        nia.write("What do you want?", "to sing")
        nia.press("Cymraeg")
        box = nia.page.locator("textarea[name=words]")
        assert nia.page.locator("html").get_attribute("lang") == "cy" and box.input_value() == "to sing"
        nia.press("English")
        box.fill("to sing in a choir")
        path = nia.path
        nia.press("Back to the goals")
        nia.open(path)
        assert box.input_value() == "to sing in a choir"
        nia.press("Throw this away")


@pytest.mark.slow
def test_words_too_long_to_outlive_their_page_are_waited_for(nia):
    new_goal(nia)
    long = "ŵ" * 9_000
    nia.write("What do you want?", long)
    nia.write("Why does it matter to you?", long)
    nia.write("What is a first small step?", long)
    nia.follow("My story")
    new_goal(nia)
    for name in ("words", "why", "step"):
        assert nia.page.locator(f"[name={name}]").input_value() == long
    nia.press("Throw this away")


def test_what_is_too_long_to_send_is_told_once_and_stays(nia):
    new_goal(nia)
    path, tries = nia.path, []
    nia.page.clock.install()
    nia.open(path)
    nia.page.route("**/draft", lambda route: (tries.append(1), route.fulfill(status=413)))
    box, says = nia.page.get_by_label("What do you want?"), nia.page.locator("[data-says]")
    box.fill("a long book")
    nia.page.clock.run_for(2_000)
    says.get_by_text("This is too long to send. Make it shorter.").wait_for()
    nia.page.clock.run_for(60_000)
    assert len(tries) == 1, "it is not tried again and again"
    says.evaluate("one => one.textContent = ''")
    nia.page.get_by_role("button", name="Save this goal").click()
    says.get_by_text("This is too long to send.").wait_for()
    assert nia.path == path and box.input_value() == "a long book"
    nia.faults.clear()  # the browser says, too, that it was refused
    nia.page.unroute("**/draft")
    box.fill("a book")
    nia.page.clock.run_for(2_000)  # a second press within one is taken for a double click
    nia.press("Save this goal")
    assert "a book" in nia.text


@pytest.mark.slow
def test_the_way_back_to_somebody_has_a_blank_before_their_name(chromium, demonstration):
    with Phone(chromium, demonstration.address) as sam:
        sam.sign_in(demonstration, "coach")
        sam.open(sam.page.locator("main a[href^='/residents/']").first.get_attribute("href").split("/goals")[0])
        person = sam.number_in_path("residents")
        for page in ("goals", "conversations/new"):
            sam.open(f"/residents/{person}/{page}")
            back = sam.page.locator(".deal-back .govuk-back-link")
            assert back.inner_text() == f"Back to {back.locator('bdi').inner_text()}"
