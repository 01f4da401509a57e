"""What is typed in the last second before a page is left, in a real browser."""

import json
from collections.abc import Iterator

import pytest

from tests.live import NO_CHROMIUM, Live, Phone, find_chromium, running_chromium, running_deal

pytestmark = [pytest.mark.browser, pytest.mark.skipif(find_chromium() is None, reason=NO_CHROMIUM)]


@pytest.fixture(scope="module")
def deal(tmp_path_factory) -> Iterator[Live]:
    with running_deal(tmp_path_factory.mktemp("deal"), demonstration=True) as live:
        yield live


@pytest.fixture(scope="module")
def chromium():
    with running_chromium(str(find_chromium())) as browser:
        yield browser


@pytest.fixture
def nia(deal, chromium) -> Iterator[Phone]:
    """The first resident of the demonstration, signed in."""
    with Phone(chromium, deal.address) as phone:
        sign_in(phone, deal)
        yield phone


def sign_in(phone: Phone, deal: Live) -> None:
    person = next(one for one in json.loads(deal.run("demo", "--json"))["people"] if one["role"] == "resident")
    phone.open(person["page"])
    for name, value in person["fields"].items():
        phone.page.fill(f"[name={name}]", value)
    phone.press("Sign in")


def new_goal(phone: Phone) -> None:
    phone.open(f"/residents/{phone.number_in_path('residents')}/goals/new")
    phone.page.locator("[data-says]").wait_for()  # the page's script has begun


def test_a_menu_link_pressed_at_once_loses_nothing(nia):
    new_goal(nia)
    nia.write("What do you want?", "a boat of my own")
    nia.follow("Talks")
    new_goal(nia)
    assert nia.page.get_by_label("What do you want?").input_value() == "a boat of my own"
    nia.press("Throw this away")
    assert nia.page.get_by_label("What do you want?").input_value() == ""


def test_closing_the_tab_loses_nothing(nia):
    new_goal(nia)
    path = nia.path
    nia.write("What do you want?", "a garden")
    nia.page.close(run_before_unload=True)
    other = nia.context.new_page()
    other.goto(path)
    assert other.get_by_label("What do you want?").input_value() == "a garden"
    other.get_by_role("button", name="Throw this away").click()
    other.close()


@pytest.mark.parametrize("javascript", [True, False])
def test_the_language_switch_and_back_lose_nothing(deal, chromium, javascript):
    with Phone(chromium, deal.address, javascript) as nia:
        sign_in(nia, deal)
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


def test_words_too_long_to_outlive_their_page_are_waited_for(nia):
    new_goal(nia)
    long = "ŵ" * 9_000
    nia.write("What do you want?", long)
    nia.write("Why does it matter to you?", long)
    nia.write("What is a first small step?", long)
    nia.follow("Talks")
    new_goal(nia)
    for name in ("words", "why", "step"):
        assert nia.page.locator(f"[name={name}]").input_value() == long
    nia.press("Throw this away")
