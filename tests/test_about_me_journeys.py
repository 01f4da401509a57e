"""The whole of About me, from Start to the card: with the keyboard alone, and with JavaScript off."""

import pytest

from tests import people
from tests.live import Phone
from tests.test_journey import somebody_invited

pytestmark = pytest.mark.browser

WORDS = "me garden, ŵ 🌱"
QUESTIONS = 14


@pytest.mark.slow
def test_the_whole_of_about_me_with_the_keyboard_alone(chromium, deal):
    with Phone(chromium, deal.address) as amina:
        page = amina.page
        amina.open("/sign-in")
        amina.tab_to(page.get_by_label("Your sign-in name"))
        page.keyboard.type(somebody_invited(deal.folder))
        amina.tab_to(page.get_by_label("Your PIN", exact=True))
        page.keyboard.type(people.PIN)
        amina.key("Enter")
        amina.tab_to(page.get_by_role("button", name="Start"))
        amina.key("Enter")
        for number in range(1, QUESTIONS + 1):
            assert f"Question {number} of {QUESTIONS}" in amina.text
            answer_by_keys(amina)
            amina.tab_to(page.get_by_role("button", name="Save and go on"))
            amina.key("Enter")
        look_through(amina)
        amina.tab_to(page.get_by_role("button", name="I have finished"))
        amina.key("Enter")
        assert_done(amina)
        amina.tab_to(page.get_by_role("link", name="Go to my page"))
        amina.key("Enter")
        assert amina.heading == "Hello, Amina"


def answer_by_keys(phone: Phone) -> None:
    """Tick or choose the first that is offered; write into the box."""
    page = phone.page
    choices, box = page.locator("main :is([type=checkbox], [type=radio])"), page.locator("main textarea")
    if choices.count():
        phone.tab_to(choices.first)
        page.keyboard.press("Space")
        assert choices.first.is_checked()
    if box.count():
        phone.tab_to(box)
        page.keyboard.insert_text(WORDS)
        assert box.input_value() == WORDS


@pytest.mark.slow
def test_the_whole_of_about_me_without_javascript(chromium, deal):
    with Phone(chromium, deal.address, javascript=False) as amina:
        amina.open("/sign-in")
        amina.write("Your sign-in name", somebody_invited(deal.folder))
        amina.write("Your PIN", people.PIN)
        amina.press("Sign in")
        amina.press("Start")
        for number in range(1, QUESTIONS + 1):
            assert f"Question {number} of {QUESTIONS}" in amina.text
            choices, box = amina.page.locator("main :is([type=checkbox], [type=radio])"), amina.page.locator("textarea")
            if choices.count():
                choices.first.check()
            if box.count():
                box.fill(WORDS)
            amina.press("Save and go on")
        look_through(amina)
        amina.press("I have finished")
        assert_done(amina)
        amina.follow("Go to my page")
        assert amina.heading == "Hello, Amina"


def look_through(phone: Phone) -> None:
    """Every answer stands on the page that comes before the end."""
    assert phone.heading == "My answers"
    assert phone.page.get_by_role("link", name="Change").count() == QUESTIONS
    assert phone.words == [WORDS] * 13
    assert "Cooking" in phone.text and "0 out of 10" in phone.text


def assert_done(phone: Phone) -> None:
    assert phone.heading == "Thank you, Amina"
    assert "Joe will be in touch by" in phone.text
    assert WORDS in phone.words
