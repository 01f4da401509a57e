"""About me reports no repair: it says where to, and Sam asks Nia whether something is to be reported for her."""

import pytest
import time_machine
from sqlalchemy import select

from deal.assessment.models import Answer, Report
from deal.db import db
from tests.people import begin_about_me, finish_about_me, make_answer, make_coach, set_settings

MAY_BE = "May be a repair or a complaint"
ASKED = "What could we do, or stop doing, that would help?"
YES, NO = f"Reported for them {ASKED}", f"They do not want that {ASKED}"


def answer_of(resident, key: str = "landlord-do") -> Answer:
    hers = select(Answer).where(Answer.resident_id == resident.id, Answer.superseded_at.is_(None))
    return next(one for one in db.session.scalars(hers) if one.question.key == key)


@pytest.mark.parametrize("key", ["would-help", "landlord-do"])
def test_the_question_says_where_to_ring_and_how_to_complain(visit, nia, key):
    set_settings(repairs_phone="01632 960111", complaints={"en": "Ring Bryn Homes <us> on 01632 960222, by 5pm."})
    phone, path = visit(nia), f"/residents/{nia.id}/about-me/{begin_about_me(nia).id}/{key}"
    page = phone.get(path)
    assert "This does not report a repair. Ring 01632 960111 for that." in page
    said = page.soup.select(".deal-signpost")[1].get_text()
    assert said == "Want to complain? Ring Bryn Homes <us> on 01632 960222, by 5pm."
    links = [one["href"] for one in page.soup.select("main .deal-signpost a")]
    assert links == ["tel:01632960111", "tel:01632960222"]
    page = phone.post(path, status=422, words="w" * 10_001)
    assert "This does not report a repair." in page, "after a mistake, too"


def test_without_those_settings_it_is_the_landlords_own_number_and_no_word_of_complaints(visit, nia):
    phone, path = visit(nia), f"/residents/{nia.id}/about-me/{begin_about_me(nia).id}"
    page = phone.get(f"{path}/landlord-do")
    assert "This does not report a repair. Ring 01632 960000 for that." in page and "complain" not in page
    assert "report a repair" not in phone.get(f"{path}/proud")
    set_settings(phone="")
    assert "report a repair" not in phone.get(f"{path}/landlord-do"), "nowhere to ring"


def test_the_complaint_sentence_is_in_the_pages_language(visit, nia):
    set_settings(complaints={"en": "Ring us.", "cy": "Ffoniwch ni."}, welsh_checked_by="Eleri Pugh")
    phone, path = visit(nia), f"/residents/{nia.id}/about-me/{begin_about_me(nia).id}/landlord-do"
    assert "Ring us." in phone.get(path)
    phone.get(f"/language/cy?next={path}")
    assert "Ffoniwch ni." in phone.page and "Ring us." not in phone.page


def test_sam_reports_it_and_nia_reads_who_and_when(visit, nia, sam):
    about_me = begin_about_me(nia)
    make_answer(about_me, "landlord-do", "mend the stair light")
    make_answer(about_me, "would-help", choices=["time"])
    make_answer(about_me, "proud", "my garden")
    coach, phone = visit(sam), visit(nia)
    assert coach.get(f"/residents/{nia.id}").text.count(MAY_BE) == 1, "neither ticks alone nor other questions"
    for path in (f"/residents/{nia.id}/words", f"/residents/{nia.id}/about-me/{about_me.id}/check"):
        assert "reported" not in phone.get(path)

    with time_machine.travel("2029-05-03T12:00:00+00:00"):
        coach = visit(sam)
        coach.get(f"/residents/{nia.id}")
        page = coach.press(YES)
    assert "That is written down. Nia (Oak Court) can read it." in page
    assert "Reported on 3 May, Sam" in page and MAY_BE not in page
    phone = visit(nia)
    for path in (f"/residents/{nia.id}/words", f"/residents/{nia.id}/about-me/{about_me.id}/check"):
        assert "Sam reported this on Thursday 3 May 2029." in phone.get(path)


def test_nia_does_not_want_it_reported(visit, nia, sam):
    about_me = finish_about_me(nia)
    coach = visit(sam)
    coach.get(f"/residents/{nia.id}")
    assert "not wanted" in coach.press(NO) and answer_of(nia).report is Report.NOT_WANTED
    for path in ("words", f"about-me/{about_me.id}/check"):
        page = visit(nia).get(f"/residents/{nia.id}/{path}")
        assert "Sam asked on" in page and "you did not want it reported." in page


@pytest.mark.on_both
def test_what_was_pressed_first_stays(visit, nia, sam):
    finish_about_me(nia)
    coach = visit(sam)
    page = coach.get(f"/residents/{nia.id}")
    coach.press(YES)
    at = answer_of(nia).report_at
    for again in (YES, NO):
        coach.page = page
        coach.press(again)
        assert (answer_of(nia).report, answer_of(nia).report_at) == (Report.REPORTED, at)


def test_newer_words_are_asked_about_anew_and_the_earlier_ones_keep_their_day(visit, nia, sam):
    about_me = finish_about_me(nia)
    coach, phone = visit(sam), visit(nia)
    coach.get(f"/residents/{nia.id}")
    coach.press(YES)
    phone.post(f"/residents/{nia.id}/about-me/{about_me.id}/landlord-do?change=1", words="and the gate, please")
    page = coach.get(f"/residents/{nia.id}")
    assert MAY_BE in page and "Reported on" not in page
    words = phone.get(f"/residents/{nia.id}/words")
    assert "Sam reported this on" in words.soup.select_one("details").get_text()


def test_words_that_were_taken_back_meanwhile(visit, nia, sam):
    finish_about_me(nia)
    coach, phone = visit(sam), visit(nia)
    stale = coach.get(f"/residents/{nia.id}")
    phone.press("Take it back", on=f"/residents/{nia.id}/words/answer/{answer_of(nia).id}/take-back")
    coach.page = stale
    assert "Nia (Oak Court) has taken these words back. Nothing is written down." in coach.press(YES)
    assert answer_of(nia).report is None


def test_only_such_answers_only_by_the_coach_and_only_those_two_words(visit, nia, sam, amina):
    finish_about_me(nia)
    finish_about_me(amina)
    coach = visit(sam)

    def status(browser, resident, answer, report="reported"):
        data = {"csrf_token": browser.token(), "once": "a", "report": report}
        return browser.send("POST", f"/residents/{resident.id}/answers/{answer.id}/report", data).status_code

    assert status(coach, nia, answer_of(nia, "proud")) == 404
    assert status(coach, nia, answer_of(amina)) == 404
    assert status(coach, amina, answer_of(amina)) == 404
    assert status(visit(nia), nia, answer_of(nia)) == 404
    assert status(visit(make_coach("Gil")), nia, answer_of(nia)) == 404
    assert status(coach, nia, answer_of(nia), "ignored") == 400
    assert not db.session.scalars(select(Answer).where(Answer.report.is_not(None))).all()
