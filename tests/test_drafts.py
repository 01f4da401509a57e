"""Nothing that Nia types is lost: drafts."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from deal.assessment.models import Answer
from deal.auth.models import Helper, SignIn
from deal.clock import now
from deal.db import db
from deal.drafts.models import Draft
from deal.goals.models import Goal
from deal.settings import change_settings
from tests.browser import as_data, filled_in
from tests.people import PASSWORD, PIN, begin_about_me, make_answer, make_blocker


def count(model) -> int:
    """How many rows; of drafts those that are not hidden."""
    which = {"submission_id": None} if model is Draft else {}
    return db.session.scalar(select(func.count()).select_from(model).filter_by(**which))


def answers():
    return db.session.scalars(select(Answer).order_by(Answer.id)).all()


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
    coach.post(f"/residents/{nia.id}/hand-over", on=f"/residents/{nia.id}/change", to=joe.id, told="y")
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


@pytest.mark.on_both
def test_taking_an_answer_back_takes_its_drafts_along_and_no_open_page_brings_them_again(visit, nia, sam):
    about_me = begin_about_me(nia)
    answer = make_answer(about_me, "proud", "my garden")
    where, phone, coach = path_to(nia, about_me), visit(nia), visit(sam)
    translation = f"/residents/{nia.id}/answers/{answer.id}/translation"
    asleep = phone.get(where).form_to(where)
    phone.send_draft(asleep, words="my garden, and a secret")
    coach.keep_draft(translation, words="fy ngardd, a secret")
    translating = coach.page.form_to(translation)
    visit(nia).post(f"/residents/{nia.id}/words/answer/{answer.id}/take-back")
    assert secrets() == 0
    for browser, form in ((phone, asleep), (coach, translating)):
        answered = browser.send_draft(form, status=409, words="my garden, and a secret")
        assert "Something was taken back here" in answered.json["sentence"]
    assert secrets() == 0
    assert phone.keep_draft(where, words="a new secret").status_code == 200 and secrets() == 1


def test_taking_a_blocker_back_takes_its_drafts_along(visit, nia, sam):
    row = make_blocker(nia, "a secret rule")
    phone = visit(nia)
    phone.keep_draft(f"/residents/{nia.id}/blockers/{row.id}/pass-on", on=f"/residents/{nia.id}/blockers/{row.id}")
    assert secrets() == 1
    phone.press("Take it back: no word of it is left here")
    assert secrets() == 0


def secrets() -> int:
    """How many drafts hold the word."""
    db.session.rollback()
    return sum("secret" in str(row.fields) for row in db.session.scalars(select(Draft)))


# -- two pages, or two devices


@pytest.mark.on_both
def test_a_phone_that_wakes_takes_nothing_away(visit, nia):
    where = path_to(nia, begin_about_me(nia))
    phone, laptop = visit(nia), visit(nia)
    asleep = phone.get(where).form_to(where)
    phone.send_draft(asleep, words="A")
    assert laptop.get(where).value("words") == "A"
    laptop.send_draft(laptop.page.form_to(where), words="A B C")
    assert count(Draft) == 1, "it went on from what it showed"
    assert "Both are kept." in phone.send_draft(asleep, status=409, words="A d").json["sentence"]
    page = laptop.get(where)
    assert page.value("words") == "A d" and page.words == ["A B C"] and "on another page or device" in page
    page = laptop.press("Use these words instead")
    assert page.value("words") == "A B C" and page.words == ["A d"]
    page = laptop.press("Throw these words away")
    assert page.value("words") == "A B C" and page.words == []
    page = laptop.press("Throw this away")
    assert page.value("words") == "" and "That is thrown away." in page and count(Draft) == 0


def test_saving_from_a_page_that_slept_shows_what_was_typed_elsewhere_first(visit, nia):
    where = f"/residents/{nia.id}/goals/new"
    phone, laptop = visit(nia), visit(nia)
    phone.get(where)
    laptop.keep_draft(where, words="A B C", why="because")
    page = phone.press("Save this goal", status=422, words="A d")
    assert "You typed something else here" in page.errors
    assert page.soup.select_one(".govuk-error-summary a")["href"] == "#words"
    assert page.value("words") == "A d" and page.words == ["A B C", "because"]
    phone.press("Save this goal")
    assert count(Goal) == 1 and count(Draft) == 0


@pytest.mark.on_both
@pytest.mark.parametrize("scripts", [True, False])
def test_the_words_that_are_chosen_come_into_the_box(visit, nia, scripts):
    where = f"/residents/{nia.id}/goals/new"
    phone, laptop = visit(nia), visit(nia)
    asleep = phone.get(where).form_to(where)
    phone.send_draft(asleep, words="A")
    laptop.keep_draft(where, words="A B C")
    if scripts:
        phone.send_draft(asleep, status=409, words="Ax")
    phone.press("Save this goal", status=422, words="Ax")
    assert phone.page.words == ["A B C"]
    page = phone.press("Use these words instead")
    assert page.value("words") == "A B C" and page.words == ["Ax"]
    page = phone.press("Use these words instead")
    assert page.value("words") == "Ax" and page.words == ["A B C"]
    assert texts() == ["A B C", "Ax"]
    phone.press("Save this goal")
    assert count(Goal) == 1 and count(Draft) == 0


@pytest.mark.parametrize("scripts", [True, False])
def test_typing_on_a_page_that_shows_both_texts_takes_neither_away(visit, nia, scripts):
    page, phone = with_both_texts(visit, nia)
    if scripts:
        phone.send_draft(page.form_to(page.path), words="A d e")
        assert texts() == ["A B C", "A d e"]
    page = phone.press("Use these words instead", words="A d e")
    assert page.value("words") == "A B C" and page.words == ["A d e"]
    assert texts() == ["A B C", "A d e"]


def test_throwing_the_other_text_away_keeps_what_is_typed_in_the_box(visit, nia):
    _, phone = with_both_texts(visit, nia)
    page = phone.press("Throw these words away", words="A d e")
    assert page.value("words") == "A d e" and page.words == []
    assert texts() == ["A d e"]


def test_a_mistake_on_the_way_leaves_no_older_text_behind(visit, nia):
    where, phone = f"/residents/{nia.id}/goals/new", visit(nia)
    phone.keep_draft(where, words="A", why="because")
    phone.get(where)
    phone.press("Save this goal", status=422, words="")
    phone.send_draft(phone.page.form_to(where), words="A B", why="because")
    page = phone.get(where)
    assert page.value("words") == "A B" and page.words == [] and count(Draft) == 1


def test_letters_that_did_not_arrive_make_no_other_text_of_the_draft(visit, nia):
    where, phone = f"/residents/{nia.id}/goals/new", visit(nia)
    phone.keep_draft(where, words="A")
    phone.get(where)
    assert "Some letters did not reach us" in phone.press("Save this goal", status=422, words="A\0B").errors
    phone.press("Save this goal", words="A B")
    assert count(Goal) == 1 and count(Draft) == 0


def test_a_draft_of_ticks_hides_no_words(visit, nia):
    where = path_to(nia, begin_about_me(nia), "hands")
    phone, laptop = visit(nia), visit(nia)
    asleep = laptop.get(where).form_to(where)
    phone.keep_draft(where, words="bread")
    laptop.send_draft(asleep, status=409, choices=["cooking"])
    page = phone.get(where)
    assert page.value("words") == "" and page.words == ["bread"]
    phone.send_draft(page.form_to(where), choices=["cooking", "hair"])
    assert "bread" in texts()


def with_both_texts(visit, nia):
    """The page of a new goal with "A d" in its box and "A B C" beside it, and the phone that has it open."""
    where = f"/residents/{nia.id}/goals/new"
    phone, laptop = visit(nia), visit(nia)
    asleep = phone.get(where).form_to(where)
    laptop.keep_draft(where, words="A B C")
    phone.send_draft(asleep, status=409, words="A d")
    page = phone.get(where)
    assert page.value("words") == "A d" and page.words == ["A B C"]
    return page, phone


def texts() -> list[str]:
    """The words of every draft."""
    db.session.rollback()
    return sorted(row.fields["words"][0] for row in db.session.scalars(select(Draft)))


@pytest.mark.on_both
def test_two_tabs_of_one_answer(visit, nia):
    about_me = begin_about_me(nia)
    where, one, other = path_to(nia, about_me), visit(nia), visit(nia)
    for tab in (one, other):
        tab.get(where)
    one.press("Save and go on", words="in this tab")
    page = other.press("Save and go on", status=409, words="in that tab")
    assert page.value("words") == "in that tab" and "in this tab" in page.words
    # it may well have been themselves, on another phone
    assert "Something else was saved here" in page.errors and "Somebody" not in page.errors
    assert "Something else was saved here" in page and count(Answer) == 1
    other.press("Save and go on")
    assert [one.words for one in answers() if one.superseded_at is None] == ["in that tab"]
    for tab in (one, other):
        tab.get(where)
    one.press("Save and go on", words="both alike")
    other.press("Save and go on", words="both alike")
    assert count(Answer) == 3


def test_a_draft_begun_before_another_answer_was_saved_shows_both(visit, nia):
    about_me = begin_about_me(nia)
    where, phone, laptop = path_to(nia, about_me), visit(nia), visit(nia)
    phone.keep_draft(where, words="A d")
    asleep = phone.page.form_to(where)
    laptop.get(where)
    laptop.press("Save and go on", words="A B C")
    assert count(Draft) == 0, "saved with what it showed"
    phone.send_draft(asleep, words="A d e")
    page = visit(nia).get(where)
    assert page.value("words") == "A d e" and "A B C" in page.words and "Something else was saved here" in page


def test_an_older_keep_that_arrives_late_changes_nothing(visit, nia):
    where, phone = path_to(nia, begin_about_me(nia)), visit(nia)
    form = phone.get(where).form_to(where)
    for keeps, words in ((1, "a"), (3, "a b c"), (2, "a b"), (3, "a b c d")):
        sent = as_data(filled_in(form, None, {"words": words})) | {"keeps": str(keeps)}
        assert phone.send("POST", "/draft", sent).status_code == 200
    assert phone.get(where).value("words") == "a b c d"


def test_a_saved_goal_whose_draft_outlived_it_is_saved_once(visit, nia):
    """As when the machine dies between keeping the goal and dropping its draft."""
    where, phone = f"/residents/{nia.id}/goals/new", visit(nia)
    phone.keep_draft(where, words="a boat")
    row = db.session.scalar(select(Draft))
    kept = {name: getattr(row, name) for name in ("author_id", "resident_id", "place", "page", "fields")}
    phone.get(where)
    phone.press("Save this goal")
    db.session.add(Draft(**kept))
    db.session.commit()
    assert "have not saved" in phone.get(where)
    phone.press("Save this goal")
    assert count(Goal) == 1 and count(Draft) == 0


# -- leaving without scripts


@pytest.fixture
def welsh(app):
    change_settings({"welsh_checked_by": "Eleri Pugh", "service_name": {"cy": "Our Deal"}}, by=None)
    db.session.commit()


@pytest.mark.usefixtures("welsh")
def test_the_language_and_back_carry_the_words(visit, nia):
    where, phone = path_to(nia, begin_about_me(nia)), visit(nia)
    phone.get(where)
    phone.press("Cymraeg", words="tea, and the sea")
    assert phone.page.soup.html["lang"] == "cy" and phone.page.path == where
    assert phone.page.value("words") == "tea, and the sea"
    phone.press("English")
    phone.press("Back to About me", words="tea, and the hills")
    assert phone.page.path.endswith("/about-me")
    assert phone.get(where).value("words") == "tea, and the hills"


@pytest.mark.usefixtures("welsh")
def test_a_page_with_a_mistake_can_change_its_language(visit, nia):
    where, phone = f"/residents/{nia.id}/goals/new", visit(nia)
    phone.get(where)
    phone.press("Save this goal", status=422, words="", why="because i can")
    phone.press("Cymraeg")
    assert phone.page.path == where and phone.page.value("why") == "because i can"


@pytest.mark.usefixtures("welsh")
def test_leaving_a_page_as_it_was_keeps_nothing(visit, nia):
    where, phone = path_to(nia, begin_about_me(nia)), visit(nia)
    phone.get(where)
    phone.press("Cymraeg")
    assert count(Draft) == 0


def test_enter_in_a_box_saves_and_does_not_change_the_language(visit, morgan):
    """A browser presses the first button of the form."""
    page = visit(morgan).get("/staff")
    form = next(one for one in page.soup.find_all("form") if one.has_attr("data-draft"))
    first = next(one for one in page.soup("button") if one.get("form") == form["id"] or form in one.parents)
    assert not first.get("formaction") and first.has_attr("hidden")


# -- another session


def test_signed_out_in_another_tab_the_words_come_along(visit, nia):
    where, phone = f"/residents/{nia.id}/goals/new", visit(nia)
    phone.get(where)
    phone.client.delete_cookie("deal")
    page = phone.press("Save this goal", status=401, words="a boat", why="the sea")
    assert "We kept what you wrote." in page and "a boat" not in page.html
    page = phone.press("Sign in", status=200, name=nia.sign_in_name, pin=PIN)
    assert page.words == ["a boat", "the sea"]
    phone.press("Save")
    assert count(Goal) == 1 and count(Draft) == 0


def test_signed_in_anew_the_words_come_along(visit, nia):
    where, phone = f"/residents/{nia.id}/goals/new", visit(nia)
    phone.get(where)
    another_session(phone, nia)
    page = phone.press("Save this goal", status=409, words="a boat")
    assert page.words == ["a boat"] and count(Goal) == 0
    phone.press("Save")
    assert count(Goal) == 1 and count(Draft) == 0


def test_another_person_is_signed_in_now(visit, nia, amina):
    where, phone = f"/residents/{nia.id}/goals/new", visit(nia)
    phone.get(where)
    another_session(phone, amina)
    page = phone.press("Save this goal", status=409, words="a boat for me")
    assert "You are signed in as Amina now." in page
    out = page.button("Sign out, so that they can sign in").find_parent("form")
    assert out["action"] == "/sign-out"
    assert "a boat" not in page.html and "Nia" not in page.html and count(Goal) == 0
    assert phone.get(f"/residents/{amina.id}/goals/new").value("words") == ""
    assert visit(nia).get(where).value("words") == "a boat for me"


def test_whoever_signs_in_instead_finds_nothing_of_the_first(visit, nia, amina):
    where, phone = f"/residents/{nia.id}/goals/new", visit(nia)
    phone.get(where)
    db.session.scalar(select(SignIn)).ended_at = now()
    db.session.commit()
    phone.press("Save this goal", status=401, words="a boat for me")
    phone.press("Sign in", name=amina.sign_in_name, pin=PIN)
    assert "a boat" not in phone.page.html
    assert visit(nia).get(where).value("words") == "a boat for me"


def test_a_form_that_another_site_made_up_keeps_nothing(visit, nia):
    phone = visit(nia)
    sent = {"words": "forged", "draft": "eyJieSI6MX0.made-up"}
    assert phone.send("POST", f"/residents/{nia.id}/goals/new", sent).status_code == 400
    assert phone.send("POST", "/draft", sent).status_code == 400
    assert count(Draft) == 0 and count(Goal) == 0
    mine = phone.get(f"/residents/{nia.id}/goals/new").value("draft")
    answer = phone.send("POST", f"/residents/{nia.id}/goals/1/check-in", {"helped": "x", "draft": mine})
    assert answer.status_code == 400 and count(Draft) == 0, "the form was another one"


def test_the_source_of_a_page_lets_nobody_write_into_its_draft(visit, nia):
    where, phone = f"/residents/{nia.id}/goals/new", visit(nia)
    form = phone.get(where).form_to(where)
    stranger = visit()
    sent = as_data(filled_in(form, None, {"words": "not hers"})) | {"csrf_token": stranger.token()}
    for path in (where, "/draft", "/draft/leave"):
        answer = stranger.send("POST", path, sent)
        assert answer.status_code == 401 and "not hers" not in answer.text
    assert count(Draft) == 0


def another_session(browser, person) -> None:
    """Signed out and in again in another tab: the old page's token is worth nothing."""
    browser.client.delete_cookie("deal")
    browser.sign_in(person)


# -- every field but secrets comes back


def test_the_pasted_list_and_the_settings_come_along_too(visit, sam, morgan):
    coach, manager = visit(sam), visit(morgan)
    for browser, path, button, typed in (
        (coach, "/invitations/new", "Go on: look at the names", {"people": "Mo, Oak Court\nJo"}),
        (manager, "/settings", "Save whom to ring", {"help_lines": "Samaritans: 116 123"}),
        (manager, "/changes", "Keep the words", {"learned": "that people bake"}),
    ):
        browser.get(path)
        browser.client.delete_cookie("deal")
        browser.press(button, status=401, **typed)
        held = browser.press("Sign in", status=200, email=browser.person.email, password=PASSWORD)
        assert set(typed.values()) <= set(held.words), path


def test_an_error_page_gives_back_every_box_and_no_secret(visit, nia):
    phone = visit(nia)
    phone.get(f"/residents/{nia.id}/goals/new")
    sign_in_row = db.session.scalars(select(SignIn).order_by(SignIn.id)).first()
    sign_in_row.helper, sign_in_row.helped_since = Helper.FRIEND, now()
    db.session.commit()
    page = phone.press("Save this goal", status=409, words="a boat", why="the sea", step="a rope", sure="4")
    assert page.words == ["a boat", "the sea", "a rope"]
    answer = visit().send("POST", "/sign-in", {"name": "nia", "pin": "271904", "own_phone": "yes"})
    assert answer.status_code == 400 and "271904" not in answer.text
