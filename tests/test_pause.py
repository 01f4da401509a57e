"""Morgan pauses invitations: nobody new is invited, and letters that are out still work."""

from sqlalchemy import select

from deal.db import db
from deal.invitations.models import Invitation
from deal.settings import Setting
from tests.browser import Page, as_data, filled_in
from tests.people import count, invite, set_settings

PAUSED = "Invitations are paused. A manager set this on"


def pauses() -> list[tuple[bool, int | None]]:
    rows = db.session.scalars(select(Setting).filter_by(key="paused").order_by(Setting.id))
    return [(row.value, row.set_by_id) for row in rows]


def test_a_pause_is_set_dated_and_signed_and_ended(visit, sam, morgan):
    manager = visit(morgan)
    page = manager.press("Pause invitations", on="/settings")
    assert "Invitations are paused." in page and "Invitations were paused Morgan" in page
    for path in ("/invitations/new", "/invitations"):
        page = visit(sam).get(path)
        assert PAUSED in page and "Letters that are out still work." in page
        assert not page.soup.main.find("form") and "Make the letter" not in page
    manager.press("Invite again")
    assert pauses() == [(True, morgan.id), (False, morgan.id)]
    assert "Invitations began again" in manager.page
    assert "The letter for Mo" in visit(sam).post("/invitations/new", status=200, name="Mo", adult="y")


def test_a_pause_during_an_open_page_keeps_what_was_typed(visit, sam, morgan):
    coach, many = visit(sam), visit(sam)
    coach.get("/invitations/new")
    many.get("/invitations/new")
    set_settings(morgan, paused=True)
    page = coach.press("Make the letter", status=409, name="Nia", label="Oak Court", adult="y")
    assert PAUSED in page and "The letter was not made." in page.errors
    assert (page.value("name"), page.value("label")) == ("Nia", "Oak Court")
    page = many.press("Go on: look at the names", status=422, people="Nia, Oak Court\nMo", adult="y")
    assert PAUSED in page and "No letter was made." in page.errors
    assert page.value("people") == "Nia, Oak Court\nMo"
    assert count(Invitation) == 0

    set_settings(morgan, paused=False)
    assert "The letter for Nia" in coach.press("Make the letter", status=200)
    assert count(Invitation) == 1


def test_a_pause_while_the_letters_are_made(visit, sam, morgan, monkeypatch):
    """Morgan pauses after the page was let through, and before its rows are written: nobody is invited."""
    from deal.invitations import views

    coach, possible_duplicates = visit(sam), views.possible_duplicates
    form = coach.get("/invitations/new").soup.main.form

    def paused_meanwhile(*what):
        db.session.add(Setting(key="paused", value=True, set_by_id=morgan.id))  # in a request of Morgan's own
        db.session.commit()
        return possible_duplicates(*what)

    monkeypatch.setattr(views, "possible_duplicates", paused_meanwhile)
    data = as_data(filled_in(form, None, {"name": "Nia", "adult": "y"}))
    answer = coach.send("POST", "/invitations/new", data)  # which may take a few statements more, this once
    page = Page(answer, "/invitations/new")
    assert answer.status_code == 409 and PAUSED in page and page.value("name") == "Nia" and count(Invitation) == 0


def test_letters_that_are_out_open_and_are_renewed(visit, sam, morgan):
    _mo, code = invite("Mo", sam)
    set_settings(morgan, paused=True)
    assert "Is this for you, Mo?" in visit().get(f"/i/{code}")
    coach = visit(sam)
    coach.get("/invitations")
    assert "The letter for Mo" in coach.press("New letter for Mo", status=200)
    assert count(Invitation) == 2


def test_a_letter_made_before_the_pause_is_shown_again_to_a_second_press(visit, sam, morgan):
    coach = visit(sam)
    page = coach.get("/invitations/new")
    coach.press("Make the letter", status=200, name="Mo", adult="y")
    set_settings(morgan, paused=True)
    coach.page = page
    assert "The letter for Mo" in coach.press("Make the letter", status=200, name="Mo", adult="y")
    assert count(Invitation) == 1


def test_two_managers_press_pause(visit, morgan):
    one, other = visit(morgan), visit(morgan)
    one.get("/settings")
    other.get("/settings")
    page = one.page
    one.press("Pause invitations")
    one.page = page
    one.press("Pause invitations")
    assert "Invitations are paused." in other.press("Pause invitations")
    assert pauses() == [(True, morgan.id)]


def test_only_yes_or_no(visit, morgan):
    browser = visit(morgan)
    answer = browser.send("POST", "/settings/pause", {"csrf_token": browser.token(), "paused": "perhaps"})
    assert answer.status_code == 400 and not pauses()
