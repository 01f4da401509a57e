"""Sana answers in Arabic; a translation stands beside her words, marked with who made it, and never instead of them."""

import io

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from deal.assessment.models import Answer, Translation
from deal.audit import AccessLog
from deal.clock import now
from deal.db import db
from deal.settings import Setting
from tests.people import begin_about_me, finish_about_me, keep, make_answer, make_resident, story_of

ARABIC = "أحب الحديقة\nكثيراً 🌷"
ENGLISH = "  I love the garden\nvery much 🌷 "
DAUGHTER = "In English, translated by Sana's daughter"


@pytest.fixture
def sana(sam):
    return make_resident("Sana", sam)


def said_in_arabic(resident) -> Answer:
    """Her answer to what she hopes for most, in a way through that is finished."""
    finish_about_me(resident)
    answers = db.session.scalars(select(Answer).filter_by(resident_id=resident.id).join(Answer.question)).all()
    answer = next(one for one in answers if one.question.key == "hope-most")
    answer.words = ARABIC
    return keep(answer)


def at(answer) -> str:
    return f"/residents/{answer.resident_id}/answers/{answer.id}/translation"


def link_to(page, answer):
    return page.soup.select_one(f'a[href="{at(answer)}"]')


def translate(browser, answer, words: str = ENGLISH, made_by: str = "Sana's daughter", status: int = 303, **more):
    return browser.post(at(answer), status=status, **{"words": words, "language": "en", "made_by": made_by} | more)


def beside(page) -> list[str]:
    """The translations on a page, as they stand there."""
    return [tag.get_text() for tag in page.soup.select(".deal-translation blockquote")]


def rows() -> list[str]:
    return [one.words for one in db.session.scalars(select(Translation).order_by(Translation.id))]


@pytest.mark.on_both
def test_a_translation_stands_beside_the_answer_wherever_it_is_read(visit, sana, sam):
    answer = said_in_arabic(sana)
    phone, coach = visit(sana), visit(sam)
    home = f"/residents/{sana.id}"
    assert link_to(coach.get(home), answer) and link_to(phone.get(f"{home}/words"), answer)
    page = coach.get(at(answer))
    assert ARABIC in page.words and "These words stay as they are." in page
    page = translate(coach, answer)
    assert "The translation stands beside the answer now." in page and page.path == home
    check = f"{home}/about-me/{answer.assessment_id}/check"
    for browser, path in ((coach, home), (phone, f"{home}/words"), (phone, check), (phone, at(answer))):
        page = browser.get(path)
        assert page.words.index(ARABIC) + 1 == page.words.index(ENGLISH), "beneath her own words"
        assert DAUGHTER in page and beside(page) == [ENGLISH]
    assert (answer.words, answer.language) == (ARABIC, "en")
    assert db.session.scalars(select(Translation)).one().typed_by_id == sam.id


def test_it_is_never_printed_and_never_quoted(visit, sana, sam):
    answer = said_in_arabic(sana)
    coach = visit(sam)
    translate(coach, answer)
    story = story_of(sana).get_text()
    assert ARABIC in story and ENGLISH not in story and "translated by" not in story
    pdf = coach.send("GET", f"/residents/{sana.id}/summary.pdf")
    assert "garden very" not in " ".join(
        " ".join(one.extract_text().split()) for one in PdfReader(io.BytesIO(pdf.data)).pages
    )
    assert coach.get(f"/residents/{sana.id}/goals/new?quote={answer.id}").value("words") == ARABIC
    assert "translated by" not in visit(sana).get(f"/residents/{sana.id}/about-me/{answer.assessment_id}/done")


@pytest.mark.on_both
def test_the_newest_of_each_language_is_shown_and_the_others_are_kept(visit, sana):
    answer, phone = said_in_arabic(sana), visit(sana)
    assert not phone.get(at(answer)).soup.select('input[value="cy"]'), "Welsh is not on"
    assert "not one of the choices" in post_language(phone, answer, "cy")
    db.session.add(Setting(key="welsh_checked_by", value="Rhys"))
    db.session.commit()
    translate(phone, answer, words="I like gardens", made_by="a program")
    translate(phone, answer, words="dw i'n caru'r ardd", made_by="Rhys", language="cy")
    page = translate(phone, answer)
    assert page.path == f"/residents/{sana.id}/words"
    assert set(beside(page)) == {ENGLISH, "dw i'n caru'r ardd"}
    assert "In Welsh, translated by Rhys" in page and "a program" not in page
    assert rows() == ["I like gardens", "dw i'n caru'r ardd", ENGLISH]


def post_language(phone, answer, language: str) -> str:
    sent = {"csrf_token": phone.token(), "once": "a", "words": "x", "made_by": "x", "language": language}
    return phone.send("POST", at(answer), sent).text


def test_each_box_is_needed_and_what_was_typed_stays(visit, sana):
    answer, phone = said_in_arabic(sana), visit(sana)
    errors = translate(phone, answer, words=" ", made_by=" ", language=None, status=422).errors
    for sentence in ("Write the words in the other language.", "Choose the language.", "Write who made it"):
        assert sentence in errors
    assert "at most 200" in translate(phone, answer, made_by="x" * 201, status=422).errors
    assert phone.page.value("words") == ENGLISH and len(phone.page.value("made_by")) == 201
    assert "up to 10,000" in translate(phone, answer, words="x" * 10_001, status=422).errors
    assert "Some letters" in translate(phone, answer, words="a\0b", status=422).errors
    assert rows() == []


@pytest.mark.on_both
def test_pressing_twice_translates_once(visit, sana):
    answer, phone = said_in_arabic(sana), visit(sana)
    page = phone.get(at(answer))
    for _ in range(2):
        phone.page = page
        phone.press("Save", words=ENGLISH, language="en", made_by="me")
    assert rows() == [ENGLISH]


def test_only_words_that_hold_now_and_only_for_her_and_her_coach(visit, sana, nia, amina, sam, joe, morgan):
    answer = said_in_arabic(sana)
    earlier = make_answer(begin_about_me(nia), "proud", "before", superseded_at=now())
    empty = make_answer(begin_about_me(nia), "proud")
    ticked = make_answer(begin_about_me(nia), "how-sure", number=3)
    for browser in (visit(nia), visit(sam)):
        for row in (earlier, empty, ticked):
            browser.get(at(row), status=404)
        browser.get(at(answer).replace(f"/{sana.id}/", f"/{nia.id}/"), status=404)
    for person in (nia, amina, joe, morgan):
        visit(person).get(at(answer), status=404)
    assert not link_to(visit(nia).get(f"/residents/{nia.id}/words"), earlier)
    visit(sam).get(at(answer))
    pages = db.session.scalars(select(AccessLog.page).filter_by(resident_id=sana.id)).all()
    assert "assessment.translation" in pages, "she can read who looked"


def test_a_coach_translates_what_stands_on_her_page_now(visit, sana, sam):
    """What she said in an earlier About me is hers alone to read."""
    old = said_in_arabic(sana)
    finish_about_me(sana, "something new")
    visit(sam).get(at(old), status=404)
    assert "These words stay as they are." in visit(sana).get(at(old))


@pytest.mark.on_both
def test_a_page_that_was_open_while_the_answer_changed_stores_nothing(visit, sana):
    answer, phone = said_in_arabic(sana), visit(sana)
    page = phone.get(at(answer))
    answer.superseded_at = now()
    db.session.commit()
    phone.page = page
    phone.press("Save", status=404, words=ENGLISH, language="en", made_by="me")
    assert rows() == []


@pytest.mark.on_both
def test_translations_go_with_the_answer_that_is_taken_back(visit, sana, sam):
    answer = said_in_arabic(sana)
    phone = visit(sana)
    translate(phone, answer)
    phone.press("Take it back", on=f"/residents/{sana.id}/words/answer/{answer.id}/take-back")
    assert rows() == []
    assert "daughter" not in visit(sam).get(f"/residents/{sana.id}").html
    phone.get(at(answer), status=404)


@pytest.mark.on_both
def test_translations_of_an_earlier_version_go_too(visit, sana):
    answer = said_in_arabic(sana)
    phone = visit(sana)
    translate(phone, answer)
    where = f"/residents/{sana.id}/about-me/{answer.assessment_id}/hope-most?change=1"
    phone.press("Save and go on", on=where, words="a new one")
    assert rows() == [ENGLISH], "changing an answer loses nothing"
    fresh = db.session.scalars(select(Answer).filter_by(words="a new one")).one()
    page = phone.get(f"/residents/{sana.id}/words")
    assert "a new one" in page and page.soup.select_one("details .deal-translation")
    phone.press("Take it back", on=f"/residents/{sana.id}/words/answer/{fresh.id}/take-back")
    assert rows() == []
