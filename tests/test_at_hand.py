"""What a coach has at hand: questions to ask, whom to ring when somebody is in danger, a text to bring people back."""

import io
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from pypdf import PdfReader

from deal.contact.models import ContactPreferences
from deal.conversations.prompts import BUNDLED, moments_in
from deal.db import db
from deal.settings import PROMISE
from tests.people import invite, keep, set_settings

pytestmark = pytest.mark.sqlite_only  # what stands in files

TEXT = "Sam here, there is something new on your page"
OWN = """[[moment]]
title = { en = "At the door" }
prompts = [{ en = "Shall we walk?", cy = "Awn ni am dro?" }]
"""


@pytest.fixture
def own_file(app) -> Iterator[Path]:
    path = Path(app.instance_path) / "prompts.toml"
    yield path
    path.unlink(missing_ok=True)


@pytest.fixture
def welsh_is_on(app):
    set_settings(welsh_checked_by="Eleri Pugh", service_name={"cy": "Our Deal"})


# -- questions to ask


def test_every_prompt_is_in_both_languages():
    moments = moments_in(BUNDLED.read_text(encoding="utf-8"))
    assert [one.title["en"] for one in moments] == ["Opening", "Stuck", "Changing", "Ending", "Hard goals"]
    texts = [text for one in moments for text in (one.title, *one.prompts)]
    assert [text for text in texts if set(text) != {"en", "cy"} or not all(text.values())] == []
    assert len({text[language] for text in texts for language in text}) == 2 * len(texts), "no two are the same"
    assert all(len(one.prompts) >= 4 for one in moments)


def at(nia) -> str:
    """Where a talk is written down, and the questions stand."""
    return f"/residents/{nia.id}/conversations/new"


def test_they_are_at_hand_where_the_talk_is_written(visit, sam, nia):
    assert "How did you get here from one lower?" in visit(sam).get(at(nia))


@pytest.mark.usefixtures("welsh_is_on")
def test_they_are_asked_in_welsh(visit, sam, nia):
    coach = visit(sam)
    coach.client.set_cookie("deal_language", "cy")
    page = coach.get(at(nia))
    assert "Sut daethoch chi yma o un rhif yn is?" in page and "one lower" not in page


@pytest.mark.usefixtures("welsh_is_on")
def test_the_landlords_own_file_takes_their_place(visit, sam, nia, own_file):
    own_file.write_text(OWN, encoding="utf-8")
    coach = visit(sam)
    page = coach.get(at(nia))
    assert "At the door" in page and "Shall we walk?" in page and "one lower" not in page
    coach.client.set_cookie("deal_language", "cy")
    assert "Awn ni am dro?" in coach.get(at(nia)) and "At the door" in coach.page, "English where there is no Welsh"
    own_file.write_text(OWN.replace("Shall", "Could"), encoding="utf-8")
    coach.client.set_cookie("deal_language", "en")
    assert "Could we walk?" in coach.get(at(nia)), "without a restart"


@pytest.mark.parametrize(
    "broken",
    [
        b"[[moment", b"", b"\xff\xfe", b"moment = 3", b"[moment]\ntitle = 'a'", b"[[moment]]\ntitle = {en = 'a'}",
        b"[[moment]]\ntitle = 'a'\nprompts = []", b"[[moment]]\ntitle = {en = 'a'}\nprompts = ['b']",
        b"[[moment]]\ntitle = {en = 'a'}\nprompts = [{cy = 'b'}]", b"[[moment]]\ntitle = {en = 1}\nprompts = []",
    ],
)  # fmt: skip
def test_a_broken_file_is_told_and_the_others_are_there(visit, sam, nia, own_file, broken, caplog):
    own_file.write_bytes(broken)
    page = visit(sam).get(at(nia))
    assert "Your organisation's own questions cannot be read just now." in page
    assert "How did you get here from one lower?" in page
    assert caplog.text.count("the landlord's prompts.toml cannot be used") == 1


# -- somebody in danger


def test_where_nothing_is_written_a_coach_is_told_whom_to_ask(visit, sam):
    page = visit(sam).click("Need help now?", on="/today")
    assert (
        "Worried about somebody?" in page
        and "If someone is in danger now, ring 999" in page
        and "Ask your manager" in page
    )
    assert "Deal keeps no safeguarding notes. Do not write it here." in page


@pytest.mark.on_both
@pytest.mark.usefixtures("welsh_is_on")
def test_a_manager_writes_whom_to_ring_and_coaches_find_it_everywhere(visit, morgan, sam, nia):
    manager = visit(morgan)
    manager.click("Write whom coaches ring when somebody is in danger.", on="/numbers")
    words = "Ring Ruth on 01632 960201.\nWrite it in the <book>."
    manager.press("Save whom to ring", danger=words, danger_cy="Ffoniwch Ruth.")
    assert "when somebody is in danger" not in manager.get("/numbers")
    coach = visit(sam)
    for path in ("/today", f"/residents/{nia.id}", f"/residents/{nia.id}/conversations/new", "/invitations"):
        page = coach.click("Need help now?", on=path)
        assert page.soup.select_one("main a[href='tel:01632960201']") and "Write it in the <book>." in page
        assert "Ask your manager" not in page and "Do not write it here." in page
    coach.client.set_cookie("deal_language", "cy")
    assert "Ffoniwch Ruth." in coach.get("/help")
    assert manager.get("/settings").value("danger") == words


def test_the_promise_says_what_happens_then(visit, sam):
    _resident, code = invite("Mo", sam)
    phone = visit()
    phone.get(f"/i/{code}")
    assert PROMISE[2] in phone.page and "We tell you first, if we can." in phone.page
    assert "We tell you first, if we can." in visit().get("/privacy")


def test_residents_have_no_link_to_what_is_for_coaches(visit, nia):
    for path in ("/postcard.pdf",):
        visit(nia).get(path, status=404)
    for phone in (visit(nia), visit()):
        assert "Worried about somebody?" not in phone.get("/help")


# -- bringing people back


def test_a_text_that_gives_nobody_away(visit, sam, nia):
    page = visit(sam).get(f"/residents/{nia.id}")
    links = [link["href"] for link in page.soup.select('a[href^="sms:"]')]
    assert links == ["sms:?&body=Sam%20here%2C%20there%20is%20something%20new%20on%20your%20page"]
    assert page.soup.select_one("[data-copy]")["data-copy"] == TEXT


def test_a_name_that_means_something_in_an_address(visit, sam, nia):
    sam.name = "Siân & Co? #1"
    db.session.commit()
    link = visit(sam).get(f"/residents/{nia.id}").soup.select_one('a[href^="sms:"]')["href"]
    assert link.startswith("sms:?&body=Si%C3%A2n%20%26%20Co%3F%20%231%20here%2C")


def test_a_postcard_says_the_same_and_no_more(visit, sam, nia):
    coach, path = visit(sam), f"/residents/{nia.id}/print"
    coach.click("Print", on=f"/residents/{nia.id}")
    card = PdfReader(io.BytesIO(coach.click("A postcard (PDF)").answer.data))
    assert [" ".join(page.extract_text().split()) for page in card.pages] == [TEXT]
    assert card.metadata and card.metadata.title == "A postcard"
    keep(ContactPreferences(resident_id=nia.id, message_is_safe=False, language="en"))
    page = coach.get(path)
    assert "Nia said that a message is not safe. Do not send one." in page and "A postcard (PDF)" not in page


@pytest.mark.usefixtures("welsh_is_on")
def test_a_text_in_each_language_that_is_on(visit, sam, nia):
    assert len(visit(sam).get(f"/residents/{nia.id}").soup.select('a[href^="sms:"]')) == 2
    card = visit(sam).click("A postcard (PDF)", on=f"/residents/{nia.id}/print?paper=cy")
    assert "Sam sydd yma" in PdfReader(io.BytesIO(card.answer.data)).pages[0].extract_text()


def test_the_file_that_came_with_deal_is_one_that_a_landlord_can_copy(own_file, visit, sam, nia):
    own_file.write_text(BUNDLED.read_text(encoding="utf-8"), encoding="utf-8")
    assert tomllib.loads(own_file.read_text(encoding="utf-8"))["moment"]
    assert "cannot be read" not in visit(sam).get(at(nia))
