"""The whole way in a real browser, on a phone: from the code in a letter to the story on paper."""

import io
import re
from pathlib import Path

import pytest
from PIL import Image
from pypdf import PdfReader

from deal.invitations.sign_in_card import SIZE
from tests import people
from tests.conftest import let_go, new_app
from tests.live import Live, Phone

pytestmark = pytest.mark.browser

PIN, PASSWORD = "294857", "three good words"
HOPE = "Dw i isio gŵr tŷ bach fy hun, ŵ ŷ"
GOOD_DAY = "the kettle on\n\n  then أمشي مع ابنتي إلى الحديقة\nand <b>nobody</b> & no one knocking 🌱👩🏽‍🌾"
ASKED_FOR = "bikes, mostly. i cant leave a flat tyre alone"
CHANGED = "bikes, and me mam's telly"
NOT_ASK = "my ex"
TYPED = "Wants to live alone"
CONFIRM = re.compile("^Confirm")
OWN = "me own front door,\nwith a dog behind it 🐕"


@pytest.mark.slow
def test_from_the_code_in_a_letter_to_the_story_on_paper(chromium, deal):
    with (
        Phone(chromium, deal.address) as morgan,
        Phone(chromium, deal.address) as sam,
        Phone(chromium, deal.address) as nia,
    ):
        coachs_link = the_manager_makes_ready(deal, morgan)
        code = the_coach_invites(sam, coachs_link)
        sign_in_name = the_resident_comes_in(nia, code)
        the_resident_says_who_they_are(nia, sign_in_name)
        number = nia.number_in_path("residents")
        the_coach_listens(sam, number)
        the_resident_makes_it_theirs(nia, number)
        the_story_is_printed(nia, number)
        everybody_sees_what_became_of_it(morgan, sam, nia, number)


def the_manager_makes_ready(deal: Live, morgan: Phone) -> str:
    """Password, settings, promise, places, a coach; gives the coach's link."""
    morgan.open(first_link(deal.run("add-manager", "--name", "Morgan", "--email", "morgan@bryn.example")))
    morgan.write("Choose a password", PASSWORD)
    morgan.press("Keep this password")
    assert (morgan.path, morgan.heading) == ("/numbers", "This week")

    morgan.follow("Settings")
    morgan.unfold("Names and telephone numbers")
    morgan.write("Name of the service", "Our Deal")
    morgan.write("Name of your organisation", "Bryn Homes")
    morgan.write("Telephone number for residents", "01632 960000")
    morgan.press("Save names and numbers")
    confirm = morgan.page.get_by_role("button", name=CONFIRM)
    for left in (2, 1, 0):
        morgan.press(CONFIRM)
        assert confirm.count() == left
    morgan.write("How many people a week?", "18")
    morgan.press("Save the places")
    assert "18 places a week" in morgan.text

    morgan.follow("Staff")
    morgan.unfold("Add a coach or manager")
    morgan.write("Their name, as residents will see it", "Sam")
    morgan.write("Their work e-mail address", "sam@bryn.example")
    morgan.write("Their telephone number", "01632 960123")
    morgan.write("The languages they speak", "English, Cymraeg")
    morgan.write("A line about them, for residents", "I used to be a baker.")
    morgan.press("Add and make a link")
    return first_link(morgan.text)


def the_coach_invites(sam: Phone, link: str) -> str:
    """Gives the code that stands in Nia's letter."""
    sam.open(link)
    sam.write("Choose a password", PASSWORD)
    sam.press("Keep this password")
    assert (sam.path, sam.heading) == ("/today", "Today")
    sam.follow("Invitations")
    sam.follow("Invite somebody")
    sam.write("What do they like to be called?", "Nia")
    sam.write("A label for you (you can leave this empty)", "Oak Court")
    sam.tick("This person is 18 or over")
    sam.press("Make the letter")
    assert "Dear Nia" in sam.text
    return "".join(sam.page.locator(".deal-letter .deal-code").inner_text().split())


def the_resident_comes_in(nia: Phone, code: str) -> str:
    """Gives the sign-in name on the card."""
    nia.open("/")
    nia.follow("Use my code")
    nia.write("Your code", code[:5])
    nia.press("Go on", status=422)
    assert "A code has 15 letters and numbers. You typed 5." in nia.text
    nia.write("Your code", code.lower())
    nia.press("Go on")
    assert nia.heading == "Is this for you, Nia?"
    assert "What we promise you" in nia.text and "I used to be a baker." in nia.words
    nia.press("Yes, that is me, and I agree")
    choose_pin(nia, "123456", status=422)
    assert "easy to guess" in nia.text
    choose_pin(nia, PIN)
    assert nia.heading == "Your sign-in name"
    assert nia.page.get_by_role("link", name="Print it").is_visible()
    with nia.page.expect_download() as saved:
        nia.page.get_by_role("link", name="Save it as a picture").click()
    with Image.open(saved.value.path()) as picture:
        assert picture.size == SIZE
    return "".join(nia.page.locator(".deal-code").inner_text().split())


def choose_pin(nia: Phone, pin: str, status: int = 200) -> None:
    nia.write("Choose a PIN of six numbers", pin)
    nia.tick("This phone is only mine: remember my sign-in name")
    nia.press("Keep this PIN", status)


def the_resident_says_who_they_are(nia: Phone, sign_in_name: str) -> None:
    """About me: answers of every kind, skipped, gone back to, broken off and carried on, checked and changed."""
    nia.press("Start")
    assert "Question 1 of 14" in nia.text
    nia.tick("Cooking", "Fixing things")
    nia.write("Something else", "Sgwrsio 👵🏾")
    save(nia)
    nia.press("Skip this question")
    nia.tick("Having a laugh")
    save(nia)
    say(nia, "What do people come to you for?", ASKED_FOR)
    nia.write("What is a good day like for you?", GOOD_DAY)
    nia.press("Save and come back later")
    assert "The next question is: Who or what matters most to you?" in nia.text

    nia.press("Sign out")
    nia.follow("Sign in")
    assert nia.page.get_by_label("Your sign-in name").input_value() == sign_in_name
    nia.write("Your PIN", PIN)
    nia.press("Sign in")
    nia.follow("Carry on")
    nia.press("Back to question 5")
    assert nia.page.get_by_label("What is a good day like for you?").input_value() == GOOD_DAY
    nia.press("Skip this question")
    say(nia, "Who or what matters most to you?", "our Gwen")
    nia.press("Skip this question")
    nia.go_back()
    assert nia.heading == "What would you love to do or learn?"
    say(nia, "What would you love to do or learn?", "trwsio beics, a dysgu العربية")
    say(nia, "Think about this time next year. What do you hope for?", "the same, but warmer")
    say(nia, "Of all the things you hope for, which one matters most?", HOPE)
    assert nia.words == [HOPE]
    nia.tick("7")
    save(nia)
    nia.tick("Being shown how")
    save(nia)
    nia.press("Skip this question")
    nia.tick("On a walk")
    save(nia)
    say(nia, "Is there anything you would rather we did not ask about?", NOT_ASK)

    assert nia.heading == "My answers"
    assert {GOOD_DAY, ASKED_FOR, HOPE, NOT_ASK, "Sgwrsio 👵🏾"} <= set(nia.words)
    nia.follow(about("Change", "What do people come to you for?"))
    say(nia, "What do people come to you for?", CHANGED)
    assert CHANGED in nia.words and ASKED_FOR not in nia.words
    nia.press("I have finished")
    assert nia.heading == "Thank you, Nia"
    assert "Sam will be in touch by" in nia.text and "01632 960123" in nia.text
    assert {CHANGED, "Sgwrsio 👵🏾"} <= set(nia.words)
    nia.follow("Answer 9 more questions")
    say(nia, "What have you done that you feel good about?", "raised two")
    nia.follow("About me")
    nia.follow("My page")


def about(text: str, what: str) -> re.Pattern[str]:
    """The name of a link that says for those who do not see the page what it is about."""
    return re.compile(f"^{text} {re.escape(what)}$")


def save(nia: Phone) -> None:
    nia.press("Save and go on")


def say(nia: Phone, question: str, words: str) -> None:
    assert nia.heading == question
    nia.write(question, words)
    save(nia)


def the_coach_listens(sam: Phone, number: int) -> None:
    """Today, what Nia said, the talk, a goal from her words in one tap."""
    sam.follow("Today")
    assert "Nia" in sam.text and "today" in sam.text
    sam.follow("Nia")
    assert sam.words[0] == NOT_ASK
    assert {GOOD_DAY, CHANGED, HOPE} <= set(sam.words)
    sam.follow("We talked")
    sam.unfold("On the phone")
    sam.tick("On a walk")
    sam.write("What was said (you can leave this empty)", "We walked round the canal. She laughed a lot.")
    tomorrow = sam.page.evaluate("new Date(Date.now() + 864e5).toISOString().slice(0, 10)")
    sam.write_day("When is the next chat?", tomorrow)
    sam.press("We talked")
    assert "The talk with Nia (Oak Court) is saved." in sam.text
    sam.press("Back to Today")
    assert "Waiting for a first conversation" not in sam.text and "Chats in the next seven days" in sam.text

    sam.open(f"/residents/{number}")
    sam.unfold("My hopes")
    sam.press(about("Make a goal of this", HOPE))
    assert sam.words[0] == HOPE and "read back" not in sam.text, "every letter of it is hers"
    assert "From their answer to:" in sam.text
    sam.unfold("Add a small step")
    sam.write("A small step", "ffonio'r coleg")
    sam.press("Add this step")
    sam.open(f"/residents/{number}")
    sam.follow("Write a goal")
    sam.write("What do you want?", "a quiet hour")
    sam.press("Save this goal")
    assert "not read back yet" in sam.text
    sam.follow("Read it back to Nia")
    sam.tick("They type their PIN here")
    sam.write("Their PIN", PIN)
    sam.press("They say: yes, that is it")
    sam.follow("Write a goal")
    sam.write("What do you want?", TYPED)
    sam.press("Save this goal")
    assert "not read back yet" in sam.text


def the_resident_makes_it_theirs(nia: Phone, number: int) -> None:
    """That's not what I said; steps, check-ins, the chart."""
    nia.follow("Goals")
    nia.follow(about("Open this goal", TYPED))
    nia.follow("That's not what I said")
    assert nia.words == [TYPED]
    nia.write("What would you say?", OWN)
    nia.press("Save my words")
    assert nia.words[0] == OWN
    nia.unfold("The story of this goal")
    assert "not agreed" in nia.text and TYPED in nia.words

    nia.unfold("Add a small step")
    nia.write("A small step", "look at the noticeboard")
    nia.press("Add this step")
    nia.press("Done: look at the noticeboard")
    assert "Well done!" in nia.text
    nia.unfold("1 step done")
    assert "Done on" in nia.text
    for figure, label, words in (("4", "What got in the way?", "the rain 🌧️"), ("8", "What helped?", "Gwen, as ever")):
        nia.page.get_by_role("radio", name=figure, exact=True).check()
        nia.unfold("Say more")
        nia.write(label, words)
        nia.press("Save")
    nia.press("Save", status=422)
    nia.unfold("Say more")
    nia.write("Is there something to celebrate?", "i rang them!!")
    nia.press("Save")
    nia.unfold("How it has been going")
    assert nia.page.locator(".deal-chart svg").count() == 1
    assert nia.page.locator(".deal-chart circle").count() == 2
    assert {"the rain 🌧️", "Gwen, as ever", "i rang them!!"} <= set(nia.words)

    nia.unfold("Say it in other words")
    nia.press("Save these words")
    nia.unfold("Done, resting or changed?")
    nia.press("Resting")
    nia.unfold("Done, resting or changed?")
    nia.press("Doing it now")
    nia.follow("My story")
    nia.follow("Talks")
    assert "We walked round the canal. She laughed a lot." in nia.words
    nia.follow("More")
    nia.follow("Who has looked at my words")
    assert "Sam read" in nia.text


def the_story_is_printed(nia: Phone, number: int) -> None:
    """The resident chooses what else it shows, and downloads it."""
    nia.open(f"/residents/{number}/print")
    nia.unfold("Choose what my story shows")
    nia.tick("A small chart of how it has been going", "What got in the way")
    nia.press("Save")
    assert "Your story is printed that way from now on." in nia.text
    link = nia.page.get_by_role("link", name="My story so far (PDF)")
    link.evaluate("link => { link.download = '' }")  # as "Save link as" does: Chromium would open its viewer
    with nia.page.expect_download() as coming:
        link.click()
    assert re.fullmatch(r"my-story-\d{4}-\d\d-\d\d\.pdf", coming.value.suggested_filename)
    check_paper(Path(coming.value.path()).read_bytes())


def check_paper(pdf: bytes) -> None:
    paper = PdfReader(io.BytesIO(pdf))
    root = paper.trailer["/Root"]
    assert len(paper.pages) <= 2
    said = "".join("".join(page.extract_text().split()) for page in paper.pages)
    assert not [one for one in (OWN, HOPE, GOOD_DAY, CHANGED, "the rain") if "".join(one.split())[:20] not in said]
    assert root["/MarkInfo"]["/Marked"], "the PDF is not tagged"
    assert root["/Lang"] == "en" and paper.metadata and paper.metadata.title == "The story of Nia so far"
    text = " ".join(" ".join(page.extract_text() for page in paper.pages).split())
    for words in (OWN, HOPE, CHANGED, "<b>nobody</b> & no one knocking", "ffonio'r coleg", "the rain", "Next chat"):
        assert " ".join(words.split()) in text
    assert TYPED not in text, "words that were not agreed are printed"
    assert NOT_ASK not in text and ASKED_FOR not in text


def everybody_sees_what_became_of_it(morgan: Phone, sam: Phone, nia: Phone, number: int) -> None:
    """The coach reads on; the manager sees numbers without words; nobody else gets in."""
    sam.open(f"/residents/{number}")
    assert OWN in sam.words and TYPED not in sam.words
    morgan.follow("This week")
    assert "3 of 3" in morgan.text
    morgan.unfold("These four weeks so far")
    assert "1 of 18" in morgan.text
    morgan.open(f"/residents/{number}", status=404)
    nia.press("Sign out")
    nia.open(f"/residents/{number}")
    assert nia.heading == "Sign in"


def first_link(text: str) -> str:
    found = re.search(r"http://127\.0\.0\.1:\d+/join/\w+", text)
    assert found, f"no link in {text}"
    return found[0]


@pytest.mark.slow
def test_without_javascript_and_with_a_keyboard_alone(chromium, deal):
    amina = somebody_invited(deal.folder)
    with Phone(chromium, deal.address, javascript=False) as phone:
        page = phone.page
        phone.open("/")
        phone.tab_to(page.get_by_role("link", name="Sign in"))
        phone.key("Enter")
        phone.tab_to(page.get_by_label("Your sign-in name"))
        page.keyboard.type(amina)
        phone.tab_to(page.get_by_label("Your PIN"))
        page.keyboard.type(people.PIN)
        phone.key("Enter")
        assert phone.heading == "Hello, Amina"

        phone.tab_to(page.get_by_role("button", name="Start"))
        phone.key("Enter")
        phone.tab_to(page.get_by_label("Growing things"))
        page.keyboard.press("Space")
        phone.tab_to(page.get_by_label("Something else"))
        page.keyboard.type("dabke")
        phone.tab_to(page.get_by_role("button", name="Save and go on"))
        phone.key("Enter")
        phone.tab_to(page.get_by_role("button", name="Skip this question"))
        phone.key("Enter")
        phone.tab_to(page.get_by_role("button", name="Save and come back later"))
        phone.key("Enter")
        assert "About me: 2 of 14" in phone.text and "Saved." in phone.text

        phone.tab_to(page.get_by_role("link", name="About me"))
        phone.key("Enter")
        phone.tab_to(page.get_by_role("link", name="Look at my answers"))
        phone.key("Enter")
        assert phone.words == ["dabke"] and "Growing things" in phone.text
        assert not page.get_by_role("button", name="Print").is_visible()


def somebody_invited(folder: Path) -> str:
    """Amina has chosen a PIN (people.PIN); gives her sign-in name."""
    app = new_app(f"sqlite:///{folder / 'deal.db'}", folder)
    with app.app_context():
        name = people.make_resident("Amina", people.make_coach("Joe")).sign_in_name
    let_go(app)
    assert name
    return name
