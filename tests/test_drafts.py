"""Nothing that Nia types is lost: drafts."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from deal.assessment.models import Answer
from deal.db import db, now
from deal.drafts import Draft
from tests.browser import as_data, filled_in
from tests.live import NO_CHROMIUM, Phone, find_chromium, running_chromium, running_deal
from tests.people import begin_about_me, make_answer


def count(model) -> int:
    return db.session.scalar(select(func.count()).select_from(model))


def path_to(resident, about_me, key="proud") -> str:
    return f"/residents/{resident.id}/about-me/{about_me.id}/{key}"


def test_a_draft_comes_back_and_goes_with_saving(visit, nia):
    phone, where = visit(nia), path_to(nia, begin_about_me(nia))
    assert phone.keep_draft(where, words="\n  half a sent").json["sentence"].startswith("Kept at ")
    phone.keep_draft(where, words="\n  half a sentence")
    assert count(Draft) == 1 and count(Answer) == 0
    other = visit(nia)
    page = other.get(where)
    assert page.value("words") == "\n  half a sentence"
    assert "and have not saved. Nobody else can see it." in page
    other.press("Save and go on", words="\n  half a sentence, finished")
    assert count(Draft) == 0 and count(Answer) == 1


def test_a_draft_is_nobody_elses(visit, nia, amina, sam, morgan):
    where, phone = path_to(nia, begin_about_me(nia)), visit(nia)
    form = phone.get(where).form_to(where)
    phone.send_draft(form, words="not for you")
    for person in (amina, sam, morgan):
        other = visit(person)
        taken = dict(filled_in(form, None, {"words": "x"})) | {"csrf_token": other.token()}
        assert other.send("POST", "/draft", taken).status_code == 404, "the form was Nia's"
        other.get(where, status=404)
    assert "not for you" not in visit(sam).get(f"/residents/{nia.id}")
    assert visit(amina).get(path_to(amina, begin_about_me(amina))).value("words") == ""
    assert visit(nia).get(where).value("words") == "not for you"


def test_a_draft_that_cannot_be_kept(visit, nia):
    phone = visit(nia)
    where = path_to(nia, begin_about_me(nia))
    form = phone.get(where).form_to(where)
    broken = filled_in(form, None, {"words": "a\0b"})
    assert "Some letters did not reach us" in phone.send("POST", "/draft", as_data(broken)).json["sentence"]
    made_up = dict(filled_in(form, None, {"words": "x"})) | {"draft": "made-up"}
    assert phone.send("POST", "/draft", made_up).status_code == 404
    assert count(Draft) == 0


def test_a_coach_who_handed_somebody_over_keeps_no_more_drafts_about_them(visit, sam, joe, nia):
    coach = visit(sam)
    form = coach.get(f"/residents/{nia.id}/goals/new").form_to(f"/residents/{nia.id}/goals/new")
    coach.post(f"/residents/{nia.id}/hand-over", to=joe.id, told="y")
    coach.send_draft(form, status=404, words="a late word")
    assert count(Draft) == 0


def test_a_draft_that_says_what_is_saved_is_none(visit, nia):
    phone, about_me = visit(nia), begin_about_me(nia)
    where = path_to(nia, about_me)
    make_answer(about_me, "proud", "my garden")
    phone.keep_draft(where, words="my garden, and")
    assert "have not saved" in phone.get(where)
    phone.keep_draft(where, words="my garden")
    page = phone.get(where)
    assert "have not saved" not in page and page.value("words") == "my garden"


def test_a_draft_of_ticks_and_numbers(visit, nia):
    phone, about_me = visit(nia), begin_about_me(nia)
    phone.keep_draft(path_to(nia, about_me, "hands"), choices=["cooking", "hair"], words="bread")
    page = phone.get(path_to(nia, about_me, "hands"))
    ticked = {box["value"] for box in page.soup.find_all("input", {"name": "choices"}) if box.has_attr("checked")}
    assert ticked == {"cooking", "hair"} and page.value("words") == "bread"
    phone.keep_draft(path_to(nia, about_me, "how-sure"), number="4")
    page = phone.get(path_to(nia, about_me, "how-sure"))
    assert page.soup.find("input", {"name": "number", "value": "4"}).has_attr("checked")


def test_signed_out_the_draft_waits(visit, nia):
    where = path_to(nia, begin_about_me(nia))
    visit(nia).keep_draft(where, words="before the bus")
    assert visit().send("POST", "/draft", {"words": "x"}).status_code == 401
    assert visit(nia).get(where).value("words") == "before the bus"


def test_drafts_are_tidied_after_30_days(app, visit, nia):
    about_me = begin_about_me(nia)
    visit(nia).keep_draft(path_to(nia, about_me), words="old")
    visit(nia).keep_draft(path_to(nia, about_me, "good-day"), words="new")
    db.session.scalars(select(Draft).order_by(Draft.id)).first().kept_at = now() - timedelta(days=31)
    db.session.commit()
    for _ in range(2):
        app.test_cli_runner().invoke(args=["daily"])
    assert [draft.fields["words"] for draft in db.session.scalars(select(Draft))] == [["new"]]


@pytest.mark.browser
@pytest.mark.skipif(find_chromium() is None, reason=NO_CHROMIUM)
def test_typing_is_kept_and_a_lost_connection_is_told(tmp_path):
    """A pause keeps it; without a connection the page says so, and tries again when it is back."""
    deals, browsers = running_deal(tmp_path, demonstration=True), running_chromium(str(find_chromium()))
    with deals as deal, browsers as chromium, Phone(chromium, deal.address) as nia:
        sign_in(nia, deal)
        nia.open(f"/residents/{nia.number_in_path('residents')}/about-me")
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


def sign_in(phone: Phone, deal) -> None:
    """As the first resident of the demonstration."""
    person = next(one for one in json.loads(deal.run("demo", "--json"))["people"] if one["role"] == "resident")
    phone.open(person["page"])
    for name, value in person["fields"].items():
        phone.page.fill(f"[name={name}]", value)
    phone.press("Sign in")


def test_taking_an_answer_back_takes_its_draft_along(visit, nia):
    about_me = begin_about_me(nia)
    answer = make_answer(about_me, "proud", "my garden")
    phone = visit(nia)
    phone.keep_draft(path_to(nia, about_me), words="my garden, and a secret")
    phone.post(f"/residents/{nia.id}/words/answer/{answer.id}/take-back")
    assert count(Draft) == 0
