"""A card to send back: a number and no name, typed in once, by somebody whom it is not about."""

import io
from datetime import timedelta

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from deal.assessment.models import Feels, Pulse
from deal.clock import now
from deal.db import db
from deal.deals.models import Kept, KeptAnswer, answer_if_kept
from deal.manager_requests.models import ManagerRequest
from deal.people import StaffExclusion
from deal.printing.models import Card
from tests.people import count, finish_about_me, keep, make_card, make_promise, make_talk


@pytest.fixture
def sent(nia, sam) -> str:
    """The number on a card that Nia has sent back, about a talk and a promise of Sam's."""
    return make_card(nia, make_talk(nia, sam), make_promise(nia, "mend the gate", by=sam))


def test_a_card_carries_a_number_and_no_name(visit, nia, sam):
    make_talk(nia, sam)
    make_promise(nia, "find the key", by=sam)
    coach = visit(sam)
    page = coach.get(f"/residents/{nia.id}/print")
    answers = []
    for _ in range(2):
        coach.page = page
        answers.append(coach.press("Print the card", status=200).answer)
    assert count(Card) == 1, "a second press prints the same card again"
    texts = [" ".join(PdfReader(io.BytesIO(one.data)).pages[0].extract_text().split()) for one in answers]
    assert texts[0] == texts[1] and "Nia" not in texts[0]
    assert "Did this feel right?" in texts[0] and "“find the key”" in texts[0]
    assert 'filename="card.pdf"' in answers[0].headers["Content-Disposition"]


@pytest.mark.on_both
def test_what_came_back_is_kept_as_the_residents_answers(visit, nia, joe, sent):
    said = {"feels": "not-sure", "kept": "partly", "words": "ring before you come"}
    assert "Saved. Thank you" in visit(joe).post("/cards", number=f"{sent[:4]} {sent[4:]}".lower(), **said)
    assert db.session.scalars(select(Pulse)).one().feels is Feels.NOT_SURE
    assert db.session.scalars(select(KeptAnswer)).one().kept is Kept.PARTLY
    ask = db.session.scalars(select(ManagerRequest)).one()
    assert (ask.words, ask.resident_id) == ("ring before you come", nia.id)
    card = db.session.scalars(select(Card)).one()
    assert card.typed_by_id == joe.id and card.typed_at


def test_about_me_can_be_what_it_asks_about(visit, nia, joe):
    about_me = finish_about_me(nia)
    number = make_card(nia, None, None, assessment_id=about_me.id)
    visit(joe).post("/cards", number=number, feels="yes")
    assert db.session.scalars(select(Pulse)).one().feels is Feels.YES


def test_whoever_coaches_them_does_not_type_it_in(visit, nia, sam, joe, morgan, sent):
    page = visit(sam).post("/cards", status=422, number=sent, feels="yes", words="as it was")
    assert "Somebody else must type this in: it is about you." in page.errors
    assert page.value("words") == "as it was" and count(Pulse) == 0
    keep(StaffExclusion(resident_id=nia.id, staff_id=joe.id))
    visit(joe).post("/cards", status=422, number=sent, feels="yes")
    typed = visit(morgan).post("/cards", number=sent, feels="yes")
    assert "Nia" not in typed and count(Pulse) == 1


def test_each_card_once_and_a_second_press_is_no_mistake(visit, joe, morgan, sent):
    clerk = visit(joe)
    page = clerk.get("/cards")
    for _ in range(2):
        clerk.page = page
        clerk.press("Keep it", number=sent, kept="no", words="the gate")
    assert count(KeptAnswer) == count(ManagerRequest) == 1
    page = visit(morgan).post("/cards", status=422, number=sent, kept="yes")
    assert "This card was typed in before." in page.errors and count(KeptAnswer) == 1


def test_a_wrong_number_is_said_plainly_and_makes_one_wait(visit, joe, sent):
    clerk = visit(joe)
    for n in range(5):
        assert (
            "No card has that number."
            in clerk.post("/cards", status=422, number=f"AAAA AAA{'34779'[n]}", feels="no").errors
        )
    page = clerk.post("/cards", status=422, number=sent, feels="no", words="wait")
    assert "There were too many wrong tries." in page.errors and page.value("words") == "wait"
    assert count(Pulse) == 0


def test_nothing_is_kept_that_the_card_does_not_ask(visit, nia, sam, joe):
    number = make_card(nia, make_talk(nia, sam), None)
    assert "There is nothing here to keep yet." in visit(joe).post("/cards", status=422, number=number).errors
    page = visit(joe).post("/cards", status=422, number=number, feels="yes", kept="yes")
    assert "This card asks about no promise." in page.errors and count(Pulse) == 0
    assert db.session.scalars(select(Card)).one().typed_at is None


@pytest.mark.on_both
@pytest.mark.parametrize("since", ["said", "let go", "taken back"])
def test_a_card_that_comes_late_overrides_nothing_said_since(visit, nia, sam, joe, since):
    promise = make_promise(nia, "mend the gate", by=sam)
    keep(KeptAnswer(promise_id=promise.id, kept=Kept.NOT_YET, at=now() - timedelta(days=9)))
    number = make_card(nia, None, promise, made_at=now() - timedelta(days=5))
    if since == "said":
        answer_if_kept(promise, Kept.YES)
    elif since == "let go":
        promise.let_go_at = now()
    else:
        promise.current_wording.taken_back_at = now()
    db.session.commit()
    before = count(KeptAnswer)
    clerk = visit(joe)
    page = clerk.get("/cards")
    for _ in range(2):
        clerk.page = page
        told = clerk.press("Keep it", number=number, kept="no", words="the gate")
        assert "Saved. Thank you for typing it in." in told and count(KeptAnswer) == before
        sentence = "Whether the promise was kept was not written down. They said so themselves since: that stands."
        assert (sentence in told) is (since == "said")
        gone = "Whether the promise was kept was not written down: the promise does not stand any more."
        assert (gone in told) is (since != "said")
    assert count(ManagerRequest) == 1 and db.session.scalars(select(Card)).one().typed_at


@pytest.mark.on_both
@pytest.mark.parametrize("about", ["a talk", "About me"])
def test_how_it_felt_is_kept_as_it_was_said_first(visit, nia, sam, joe, about):
    talk = make_talk(nia, sam) if about == "a talk" else None
    about_me = None if talk else finish_about_me(nia)
    number = make_card(nia, talk, None, assessment_id=about_me and about_me.id)
    what = {"conversation_id": talk.id} if talk else {"assessment_id": about_me.id}
    keep(Pulse(resident_id=nia.id, by_id=nia.id, feels=Feels.YES, **what))
    clerk = visit(joe)
    page = clerk.get("/cards")
    for _ in range(2):
        clerk.page = page
        told = clerk.press("Keep it", number=number, feels="no", words="the gate")
        assert "How it felt was not written down. They said so themselves before: that stands." in told
    assert db.session.scalars(select(Pulse.feels)).all() == [Feels.YES]
    assert count(ManagerRequest) == 1


def test_an_answer_from_before_the_card_gives_way_to_it(visit, nia, sam, joe):
    promise = make_promise(nia, "mend the gate", by=sam)
    keep(KeptAnswer(promise_id=promise.id, kept=Kept.NOT_YET, at=now() - timedelta(days=9)))
    number = make_card(nia, None, promise, made_at=now() - timedelta(days=5))
    assert "was not written down" not in visit(joe).post("/cards", number=number, kept="yes")
    db.session.expire_all()
    assert promise.answer.kept is Kept.YES


def test_nothing_but_a_card_that_is_kept_makes_the_wait_short_again(visit, nia, sam, joe, amina, sent):
    """Sam could press with a number of her own resident's between her guesses, or with one that was typed in."""
    talk = make_talk(amina, joe)
    other, empty = make_card(amina, talk, None), make_card(amina, talk, None)
    guesser = visit(sam)
    guesser.post("/cards", number=other, feels="yes")
    tries = [
        (dict(number="AAAA AAAA", feels="yes"), "No card has that number."),
        (dict(number=sent, feels="yes"), "Somebody else must type this in: it is about you."),
        (dict(number=other, feels="yes"), "This card was typed in before."),
        (dict(number=empty), "There is nothing here to keep yet."),
        (dict(number=empty, kept="yes"), "This card asks about no promise."),
    ]
    for fields, sentence in tries:
        page = guesser.post("/cards", status=422, **fields)
        assert sentence in page.errors
        assert ("No card has that number." in page.errors) is (fields["number"] == "AAAA AAAA")
    page = guesser.post("/cards", status=422, number=empty, feels="yes")
    assert "There were too many wrong tries." in page.errors
    page = guesser.post("/cards", status=422, number=sent, feels="yes")
    assert "Somebody else" not in page.errors, "while they wait nothing is told about any number"
    assert count(Pulse) == 1
