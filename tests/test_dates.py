"""A day typed into three boxes: what is read, what is refused and how, and that nothing typed is lost."""

from datetime import date, timedelta
from urllib.parse import quote

import pytest
from flask_babel import force_locale
from sqlalchemy import select

from deal.clock import today
from deal.config import ROOT
from deal.conversations.models import Conversation
from deal.dates import DayField
from deal.db import db
from deal.forms import Form
from deal.organisation.forms import PlacesForm
from tests.people import make_heading

pytestmark = pytest.mark.sqlite_only  # how a day is typed

NEXT_YEAR = str(today().year + 1)


def read(app, language="en", **sent: str) -> tuple[date | None, str, list[str]]:
    """The day, the sentence about it, and which of its boxes are marked."""

    class OneDay(Form):
        due = DayField("Which day?")

    with app.test_request_context(method="POST", data=sent), force_locale(language):
        form = OneDay(meta={"csrf": False})
        form.validate()
        marked = [box["name"] for box in form.due.boxes if box["attributes"]]
        return form.due.data, str(form.due.errors[0]) if form.due.errors else "", marked


def boxes(day: str, month: str, year: str) -> dict[str, str]:
    return {"due-day": day, "due-month": month, "due-year": year}


WRITTEN = [
    ("27", "3", "2026"),
    (" 27 ", "03", "2026\u00a0"),
    ("27", "March", "2026"),
    ("27", "mar", "2026"),
    ("27", "Mawrth", "2026"),
    ("٢٧", "٣", "٢٠٢٦"),
    ("２７", "３", "２０２６"),
    ("27/3/2026", "", ""),
    ("2026-03-27", "", ""),
]
ALONE = [{"due": one} for one in ("2026-03-27", "27/03/2026", "27 3 2026")]


@pytest.mark.parametrize("sent", [*(boxes(*one) for one in WRITTEN), *ALONE])
def test_a_day_is_read_however_it_is_written(app, sent):
    assert read(app, **sent) == (date(2026, 3, 27), "", [])


@pytest.mark.parametrize("sent", [boxes("", "", ""), boxes(" ", "\t", ""), {"due": ""}, {}])
def test_three_empty_boxes_are_no_day_and_no_mistake(app, sent):
    assert read(app, **sent) == (None, "", [])


@pytest.mark.parametrize(
    ("typed", "sentence", "marked"),
    [
        (("30", "2", "2026"), "There is no 30 February in 2026.", ["day"]),
        (("29", "2", "2027"), "There is no 29 February in 2027.", ["day"]),
        (("12", "13", "2026"), "Write the month as a number from 1 to 12.", ["month"]),
        (("12", "Smarch", "2026"), "Write the month as a number from 1 to 12.", ["month"]),
        (("32", "1", "2026"), "Write the day as a number from 1 to 31.", ["day"]),
        (("-1", "1", "2026"), "Write the day as a number from 1 to 31.", ["day"]),
        (("1", "1", "26"), "Write the year with four numbers, such as 2026.", ["year"]),
        (("1", "1", "1850"), "Write the year with four numbers, such as 2026.", ["year"]),
        (("1", "1", "9" * 5000), "Write the year with four numbers, such as 2026.", ["year"]),
        (("", "1", "2026"), "The day is missing. Write a number, such as 27.", ["day"]),
        (("1", "", "2026"), "The month is missing. Write a number from 1 to 12.", ["month"]),
        (("1", "1", ""), "The year is missing. Write four numbers, such as 2026.", ["year"]),
        (("soon", "", ""), "Write the day, the month and the year.", ["month", "year"]),
    ],
)
def test_the_sentence_names_what_is_wrong(app, typed, sentence, marked):
    assert read(app, **boxes(*typed)) == (None, sentence, marked)


def test_the_sentence_is_welsh_too(app):
    assert read(app, "cy", **boxes("30", "2", "2026"))[1] == "Does dim 30 Chwefror yn 2026."


def test_an_impossible_next_chat_is_not_lost_in_silence(visit, nia, sam):
    coach = visit(sam)
    page = coach.post(
        f"/residents/{nia.id}/conversations/new", 422, words="we had tea", next_on=f"30 February {NEXT_YEAR}"
    )
    assert f"There is no 30 February in {NEXT_YEAR}." in page.errors
    assert [page.value(f"next_on-{part}") for part in ("day", "month", "year")] == ["30", "February", NEXT_YEAR]
    assert page.value("words") == "we had tea"
    assert db.session.scalars(select(Conversation)).all() == []
    wrong = page.soup.select_one(page.soup.select_one(".govuk-error-summary a")["href"])
    assert wrong["name"] == "next_on-day" and "govuk-input--error" in wrong["class"], "the summary leads to the box"


def test_an_impossible_day_left_as_a_draft_comes_back_unmarked_and_is_told_at_saving(visit, nia, sam):
    coach, where = visit(sam), f"/residents/{nia.id}/conversations/new"
    coach.keep_draft(where, next_on=f"31 2 {NEXT_YEAR}")
    page = coach.get(where)
    assert "and have not saved" in page and page.value("next_on") == f"{NEXT_YEAR}-02-31"
    assert not page.soup.select(".govuk-input--error, [aria-invalid]"), "no box is red without a sentence"
    page = coach.press("We talked", 422, words="we had tea")
    assert f"There is no 31 February in {NEXT_YEAR}." in page.errors
    assert len(page.soup.select("#next_on-boxes .govuk-input--error")) == 1


def test_a_box_left_empty_is_named_where_a_day_is_needed(visit, morgan):
    page = visit(morgan).post("/settings/places", 422, on="/settings", week="3 ", places="18")
    assert "Write the day, the month and the year." in page.errors
    page = visit(morgan).post("/settings/places", 422, on="/settings", week="", places="18")
    assert "Choose a day in the first week." in page.errors
    assert len(page.soup.select("#week-boxes .govuk-input--error")) == 3


def test_a_day_that_was_there_can_be_emptied(visit, morgan):
    heading = make_heading(morgan)
    heading.due_on = today() + timedelta(days=3)
    db.session.commit()
    manager, path = visit(morgan), f"/blockers/headings/{heading.id}"
    assert manager.get(path).value("due_on") == str(today() + timedelta(days=3))
    manager.press("Save", due_on="")
    assert heading.due_on is None


def test_the_old_single_value_of_a_waiting_press_still_counts(visit, morgan):
    manager = visit(morgan)
    fields = f"csrf_token={quote(manager.token())}&once=a&week={today()}&places=12"
    kind = "application/x-www-form-urlencoded"
    assert manager.send("POST", "/settings/places", fields, content_type=kind).status_code == 303


def test_no_page_leaves_a_day_to_the_browser(app):
    with app.test_request_context():
        assert isinstance(PlacesForm().week, DayField)
    for path in [*(ROOT / "deal").rglob("*.py"), *(ROOT / "templates").rglob("*.html"), ROOT / "deal/static/deal.css"]:
        text = path.read_text(encoding="utf-8")
        assert not any(one in text for one in ('type="date"', "DateField")), path
