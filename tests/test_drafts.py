"""Nothing that Nia types is lost: drafts."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from deal.assessment.models import Answer, Draft
from deal.db import db, now
from tests.live import NO_CHROMIUM, Phone, find_chromium, running_chromium, running_deal
from tests.people import begin_about_me, make_answer


def count(model) -> int:
    return db.session.scalar(select(func.count()).select_from(model))


def path_to(resident, about_me, key="proud") -> str:
    return f"/residents/{resident.id}/about-me/{about_me.id}/{key}"


def keep(browser, path, status=200, **fields):
    answer = browser.send("POST", f"{path}/draft", {"csrf_token": browser.token()} | fields)
    assert answer.status_code == status
    return answer


def test_a_draft_comes_back_and_goes_with_saving(visit, nia):
    phone, where = visit(nia), path_to(nia, begin_about_me(nia))
    assert keep(phone, where, words="\n  half a sent").json["sentence"].startswith("Kept at ")
    keep(phone, where, words="\n  half a sentence")
    assert count(Draft) == 1 and count(Answer) == 0
    other = visit(nia)
    page = other.get(where)
    assert page.value("words") == "\n  half a sentence"
    assert "Your coach cannot see it until you press Save." in page
    other.press("Save and go on", words="\n  half a sentence, finished")
    assert count(Draft) == 0 and count(Answer) == 1


def test_a_draft_is_nobody_elses(visit, nia, amina, sam, morgan):
    about_me = begin_about_me(nia)
    where = path_to(nia, about_me)
    keep(visit(nia), where, words="not for you")
    for person in (amina, sam, morgan):
        assert visit(person).send("POST", f"{where}/draft", {"words": "x"}).status_code in (400, 404)
        keep(visit(person), where, status=404, words="x")
        visit(person).get(where, status=404)
    assert "not for you" not in visit(sam).get(f"/residents/{nia.id}")
    assert visit(amina).get(path_to(amina, begin_about_me(amina))).value("words") == ""


def test_a_draft_that_cannot_be_kept(visit, nia):
    phone, about_me = visit(nia), begin_about_me(nia)
    assert "up to 10,000" in keep(phone, path_to(nia, about_me), status=422, words="x" * 10_001).json["sentence"]
    assert (
        "not one of the choices"
        in keep(phone, path_to(nia, about_me, "how-sure"), status=422, number="11").json["sentence"]
    )
    keep(phone, path_to(nia, about_me, "of-version-2"), status=404, words="x")
    assert count(Draft) == 0


def test_a_draft_that_says_what_is_saved_is_none(visit, nia):
    phone, about_me = visit(nia), begin_about_me(nia)
    make_answer(about_me, "proud", "my garden")
    keep(phone, path_to(nia, about_me), words="my garden, and")
    assert keep(phone, path_to(nia, about_me), words="my garden").json["sentence"] == "This is saved."
    assert count(Draft) == 0


def test_a_draft_of_ticks_and_numbers(visit, nia):
    phone, about_me = visit(nia), begin_about_me(nia)
    keep(phone, path_to(nia, about_me, "hands"), choices=["cooking", "hair"], words="bread")
    page = phone.get(path_to(nia, about_me, "hands"))
    ticked = {box["value"] for box in page.soup.find_all("input", {"name": "choices"}) if box.has_attr("checked")}
    assert ticked == {"cooking", "hair"} and page.value("words") == "bread"
    keep(phone, path_to(nia, about_me, "how-sure"), number="4")
    page = phone.get(path_to(nia, about_me, "how-sure"))
    assert page.soup.find("input", {"name": "number", "value": "4"}).has_attr("checked")


def test_signed_out_the_draft_waits(visit, nia):
    where = path_to(nia, begin_about_me(nia))
    keep(visit(nia), where, words="before the bus")
    assert visit().send("POST", f"{where}/draft", {"words": "x"}).status_code == 400
    assert visit(nia).get(where).value("words") == "before the bus"


def test_drafts_are_tidied_after_30_days(app, visit, nia):
    about_me = begin_about_me(nia)
    keep(visit(nia), path_to(nia, about_me), words="old")
    keep(visit(nia), path_to(nia, about_me, "good-day"), words="new")
    db.session.scalars(select(Draft).order_by(Draft.id)).first().kept_at = now() - timedelta(days=31)
    db.session.commit()
    for _ in range(2):
        app.test_cli_runner().invoke(args=["daily"])
    assert [draft.fields["words"] for draft in db.session.scalars(select(Draft))] == ["new"]


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
    keep(phone, path_to(nia, about_me), words="my garden, and a secret")
    phone.post(f"/residents/{nia.id}/words/answer/{answer.id}/take-back")
    assert count(Draft) == 0
