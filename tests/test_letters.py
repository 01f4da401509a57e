"""A week's letters at once: names pasted, a sheet each, in both languages and large; and letters taken back."""

import io
import re
import threading
from datetime import timedelta

import pytest
from pypdf import PdfReader
from sqlalchemy import func, select

from deal.clock import now
from deal.db import db
from deal.invitations.models import Invitation
from deal.invitations.views import Letter
from deal.people import Assignment, Person, Role
from deal.printing import pdf
from deal.settings import WeeklyPlaces, change_settings
from tests.browser import Browser, Page
from tests.people import invite, keep

SEVERAL = "/invitations/several"
NEW = "/invitations/new"
GO_ON = "Go on: look at the names"
NO_LETTERS = "? This has no letters: is it a name?"
PDF = "/invitations/letters.pdf"
WEEK = [(f"Person {chr(65 + n)}", f"Oak Court {n}") for n in range(18)]


def known() -> list[tuple[str, str]]:
    """Name and label of all residents, in the order in which they were made."""
    rows = db.session.execute(select(Person.name, Person.label).filter_by(role=Role.RESIDENT).order_by(Person.id))
    return [tuple(one) for one in rows]


def residents() -> int:
    return db.session.scalar(select(func.count()).select_from(Person).filter_by(role=Role.RESIDENT))


def codes_on(page: Page) -> list[str]:
    return ["".join(tag.get_text().split()) for tag in page.soup.select(".deal-letter .deal-code")]


def printed(browser: Browser, **fields: str) -> PdfReader:
    """The PDF behind the button on the page of letters."""
    answer = browser._send_form(browser.page.form_to(PDF), None, 200, fields).answer
    assert answer.mimetype == "application/pdf"
    return PdfReader(io.BytesIO(answer.data))


def letters(browser: Browser, people: str, **answers: str) -> Page:
    """The list is sent and looked at, then the letters are made."""
    browser.post(SEVERAL, status=200, on=NEW, people=people, adult="y")
    return browser.press("Make the letters", status=200, **answers)


def rows_on(page: Page) -> list[tuple[str, str]]:
    """Name and label of each line that is shown, a line with a mark and what it says too."""
    return [tuple(" ".join(cell.get_text().split()) for cell in row("td")[1:]) for row in page.soup.select("tbody tr")]


def text_of(sheet) -> str:
    return " ".join(sheet.extract_text().split())


@pytest.fixture
def places(app):
    """Sets this week's places."""
    return lambda many: keep(WeeklyPlaces(week=now().date() - timedelta(days=now().weekday()), places=many))


def test_a_weeks_letters_one_sheet_each(visit, sam):
    coach = visit(sam)
    pasted = "\n\n".join(f"{name}\t{label}" for name, label in WEEK) + "\n\t\t\n"
    page = letters(coach, pasted)
    assert "18 letters" in page
    assert db.session.scalar(select(func.count()).select_from(Assignment).filter_by(coach_id=sam.id)) == 18
    codes = codes_on(page)
    assert len(set(codes)) == 18

    answer = coach._send_form(page.form_to(PDF), None, 200, {}).answer
    assert re.search(r'inline; filename="letters-[\d-]+\.pdf"', answer.headers["Content-Disposition"])
    assert answer.headers["Cache-Control"] == "no-store"
    paper = PdfReader(io.BytesIO(answer.data))
    assert paper.trailer["/Root"]["/MarkInfo"]["/Marked"] and paper.trailer["/Root"]["/Lang"] == "en"
    sheets = [text_of(sheet) for sheet in paper.pages]
    assert len(sheets) == 18
    for (name, label), code, sheet in zip(WEEK, codes, sheets, strict=True):
        assert f"Dear {name}" in sheet and label in sheet and code in sheet.replace(" ", "")
        assert sum(f"Dear {name}" in other for other in sheets) == 1
        assert "This is not about rent. It is not about anything you have done wrong." in sheet
        assert "You can say no thanks, and nothing will change." in sheet
        assert "Ring Sam on 01632 960123" in sheet and "Bryn Homes" in sheet
        assert f"Is this for you, {name}?" in visit().get(f"/i/{code}")


def test_a_letter_alone_is_a_pdf_too(visit, sam):
    coach = visit(sam)
    code = codes_on(coach.post("/invitations/new", status=200, name="Nia", label="Oak Court", adult="y"))[0]
    sheets = printed(coach).pages
    assert len(sheets) == 1 and code in text_of(sheets[0]).replace(" ", "")


def test_lines_as_people_paste_them(visit, sam):
    pasted = "  Nia ,  Oak   Court\n\n \t \nOla;Flat 2, top floor;;\nTomos\r\nSiân ŵŷ\tTŵr\t\n,\n"
    letters(visit(sam), pasted)
    assert known() == [("Nia", "Oak Court"), ("Ola", "Flat 2, top floor"), ("Tomos", ""), ("Siân ŵŷ", "Tŵr")]


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("people", "sentence"),
    [
        ("", "Write at least one name."),
        ("\n\t\n , \n", "Write at least one name."),
        ("Nia\n\n" + "n" * 201 + "\nOla", "Make the name shorter, up to 200 characters, in line 3."),
        ("Nia\nOla," + "l" * 41 + "\n", "Make the label shorter, up to 40 characters, in line 2."),
        ("Nia\n, Oak Court", "There is a label and no name in line 2."),
        ("\n".join(["x" * 201] * 30), "in line 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 …."),
    ],
)
def test_what_cannot_be_is_said_with_its_line(visit, sam, people, sentence):
    invite("Mo", sam)
    page = visit(sam).post(SEVERAL, status=422, on=NEW, people=people, adult="y")
    assert sentence in page.errors
    assert page.value("people") == people
    assert residents() == 1


def test_two_people_of_one_name_when_the_coach_says_so(visit, sam, joe):
    invite("Ann", joe)
    coach = visit(sam)
    page = coach.post(SEVERAL, status=200, on=NEW, people="Ann\nNia\nNia", adult="y")
    twice = ("Nia? Twice in your list: in line 2 too.", "")
    assert rows_on(page) == [("Ann", ""), ("Nia", ""), twice], "whom another coach knows is not told"
    page = coach.press("Make the letters", status=422)
    assert "Look at the lines with a mark." in page.errors and residents() == 1
    assert len(codes_on(coach.press("Make the letters", status=200, different="y"))) == 3
    assert residents() == 4


def test_everybody_is_18_or_over(visit, sam):
    page = visit(sam).post(SEVERAL, status=422, on=NEW, people="Nia")
    assert "Tick the box if all of them are 18 or over." in page.errors
    assert page.value("people") == "Nia" and residents() == 0


def test_five_thousand_lines(visit, sam, places):
    places(18)
    pasted = "\n".join(f"Person {n}\tOak Court {n}" for n in range(5000))
    page = visit(sam).post(SEVERAL, status=422, on=NEW, people=pasted, adult="y")
    assert "Your list has 5,000, and 18 places are left this week." in page.errors
    assert page.value("people") == pasted and residents() == 0
    places(500)
    page = visit(sam).post(SEVERAL, status=422, on=NEW, people="\n".join(f"P {n}" for n in range(51)), adult="y")
    assert "At most 50 letters can be made at once." in page.errors and residents() == 0


def test_letters_that_are_no_letters(visit, sam):
    coach = visit(sam)
    for name in ("a%00b", "%ED%A0%80", "caf%E9"):
        body = f"csrf_token={coach.token()}&once=abc&adult=y&people={name}"
        answer = coach.send("POST", SEVERAL, body, content_type="application/x-www-form-urlencoded")
        assert answer.status_code == 422 and "Some letters did not reach us" in answer.text
    assert residents() == 0


@pytest.mark.on_both
def test_pressing_twice_gives_the_same_letters(visit, sam, places):
    places(2)
    coach = visit(sam)
    first = coach.get(NEW)
    page = coach.press(GO_ON, status=200, people="Nia\nOla", adult="y")
    assert residents() == 0, "nothing is kept before the coach has seen the names"
    codes = []
    for _ in range(2):
        coach.page = page
        codes.append(codes_on(coach.press("Make the letters", status=200)))
    assert codes[0] == codes[1] and residents() == 2
    coach.page = first  # back, and one more name: nobody is invited again unasked
    places(9)
    page = coach.press(GO_ON, status=200, people="Nia\nOla\nTomos", adult="y")
    here = "is one of your people already."
    assert rows_on(page) == [(f"Nia? Nia {here}", ""), (f"Ola? Ola {here}", ""), ("Tomos", "")]
    coach.press("Make the letters", status=422)
    assert coach.press("Change the list", status=200).value("people") == "Nia\nOla\nTomos"
    coach.press(GO_ON, status=200, people="Tomos")
    assert len(codes_on(coach.press("Make the letters", status=200))) == 1


@pytest.mark.on_both
def test_two_coaches_at_once_and_the_places_hold(app, sam, joe, places):
    places(3)
    browsers, ready, answers = [Browser(app, sam), Browser(app, joe)], threading.Barrier(2), []

    def press(browser: Browser, names: str) -> None:
        with app.app_context():
            data = {"csrf_token": browser.token(), "once": "x" * 22, "people": names, "adult": "y", "do": "make"}
            ready.wait()
            answers.append(browser.send("POST", SEVERAL, data).status_code)
            db.session.remove()

    names = ("Ann\nBen", "Cai\nDee")
    threads = [threading.Thread(target=press, args=one) for one in zip(browsers, names, strict=True)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(answers) == [200, 422]
    assert residents() == 2


def test_no_list_before_the_week_has_places(visit, sam, places):
    coach = visit(sam)
    coach.get(NEW)
    places(0)
    page = coach.press(GO_ON, status=422, people="Nia", adult="y")
    assert "0 places are left this week" in page.errors and page.value("people") == "Nia"
    assert "a manager has to set the weekly places first" in page


@pytest.fixture
def eighteen(app, sam):
    """A week's letters, in a request of Sam's."""
    change_settings({"welsh_checked_by": "Eleri Pugh", "organisation": {"cy": "Cartrefi Bryn"}}, by=None)
    db.session.commit()
    letters = []
    for name, label in [*WEEK[:16], ("Nia " * 49 + "Nia.", "l" * 40), ("نور", "Łódź")]:
        resident, code = invite(name, sam, label)
        letters.append(Letter(db.session.scalars(select(Invitation).filter_by(resident_id=resident.id)).one(), code))
    return letters


def print_for(visit, coach: Person, letters: list[Letter], layout: str) -> PdfReader:
    browser = visit(coach)
    data = {"csrf_token": browser.token(), "once": "x", "layout": layout, "code": [one.code for one in letters]}
    answer = browser.send("POST", PDF, data)
    assert answer.status_code == 200
    return PdfReader(io.BytesIO(answer.data))


@pytest.mark.sqlite_only
def test_both_languages_on_one_sheet_welsh_first(visit, sam, eighteen):
    paper = print_for(visit, sam, eighteen, "normal")
    sheets = [text_of(sheet) for sheet in paper.pages]
    assert len(sheets) == 18, "even the longest name leaves a letter on its sheet"
    assert paper.trailer["/Root"]["/Lang"] == "cy"
    for sheet in sheets:
        assert 0 < sheet.index("Dyw hyn ddim am rent.") < sheet.index("This is not about rent.")
        assert "Cartrefi Bryn" in sheet and "Bryn Homes" in sheet
    assert "Annwyl Person A" in sheets[0] and "Dear Person A" in sheets[0]


def sizes_on(sheet) -> set[float]:
    """The sizes of type on a page, in points."""
    found = set()

    def visit_text(text, cm, tm, _font, size):
        if text.strip():
            found.add(round(abs(size * tm[3] * cm[3]), 1))

    sheet.extract_text(visitor_text=visit_text)
    return found


@pytest.mark.sqlite_only
def test_large_print_is_18_points_and_more(visit, sam, eighteen):
    paper = print_for(visit, sam, eighteen[:2], "large")
    assert min(size for sheet in paper.pages for size in sizes_on(sheet)) >= 18
    assert max(sizes_on(paper.pages[0])) > 30, "the code is larger still"
    normal = print_for(visit, sam, eighteen[:1], "normal")
    assert min(sizes_on(normal.pages[0])) < 18


@pytest.mark.slow
@pytest.mark.sqlite_only
def test_easy_to_read_is_one_idea_a_line_and_a_page_a_language(visit, sam, eighteen):
    lines = print_for(visit, sam, eighteen, "easy").pages
    assert len(lines) == 36
    english = [line.strip() for line in lines[1].extract_text().splitlines()]
    for idea in ("This is not about rent.", "We want to know what you are good at.", "You can say no thanks."):
        assert idea in english


def test_a_letter_that_has_died_is_left_out(visit, sam, joe, eighteen):
    eighteen[0].invitation.withdrawn_at = eighteen[1].invitation.used_at = now()
    eighteen[2].invitation.by_hand = True
    db.session.commit()
    assert len(print_for(visit, sam, eighteen[:4], "normal").pages) == 1
    for browser, codes in ((visit(sam), []), (visit(sam), ["x", "\0"]), (visit(joe), [eighteen[4].code])):
        data = {"csrf_token": browser.token(), "once": "x", "layout": "normal", "code": codes}
        assert browser.send("POST", PDF, data).status_code == 409


def test_without_pango_the_letters_still_stand_on_the_page(visit, sam, monkeypatch):
    def lacking():
        raise pdf.CannotPrint(pdf.WHAT_IS_MISSING)

    monkeypatch.setattr(pdf, "_kit", lacking)
    coach = visit(sam)
    assert len(codes_on(letters(coach, "Nia\nOla"))) == 2
    page = coach._send_form(coach.page.form_to(PDF), None, 503, {})
    assert "apt install libpango-1.0-0" in page


def test_a_letter_is_taken_back_and_made_again(visit, sam):
    _nia, code = invite("Nia", sam)
    coach = visit(sam)
    assert "Letter not opened" in coach.get("/people")
    coach.get("/invitations")
    page = coach.press("Take back this letter for Nia")
    assert "The letter for Nia is taken back." in page and "Taken back" in page
    assert "Take back this letter" not in page
    gone = visit().get(f"/i/{code}", status=410)
    assert "You have done nothing wrong." in gone and "Ask Sam for a new letter." in gone
    assert "Nia" not in coach.get("/today"), "there is nothing to do for her"
    assert "Letter taken back" in coach.get("/people")
    coach.get("/invitations")
    again = codes_on(coach.press("New letter for Nia", status=200))[0]
    assert "Is this for you, Nia?" in visit().get(f"/i/{again}")
    assert "Letter not opened" in coach.get("/people")
    assert coach.get("/invitations").text.count("Letter of") == 1


def test_whoever_has_words_here_stays_on_today(visit, sam):
    nia, _code = invite("Nia", sam)
    coach = visit(sam)
    coach.post(f"/residents/{nia.id}/conversations/new", talked_on=now().date().isoformat(), how="phone")
    coach.get("/invitations")
    coach.press("Code to hand over for Nia", status=200)
    coach.get("/invitations")
    coach.press("Take back this letter for Nia")
    assert "Talking" in coach.get("/people") and "Talks to write down Nia" in coach.get("/today")
    coach.get("/invitations")
    coach.press("Code to hand over for Nia", status=200)


def test_no_letter_is_taken_back_from_somebody_who_has_come_in(visit, nia, sam):
    coach = visit(sam)
    assert "Take back" not in coach.get("/invitations")
    data = {"csrf_token": coach.token(), "once": "x"}
    assert coach.send("POST", f"/residents/{nia.id}/invitation/take-back", data).status_code == 409
    assert visit(nia).get(f"/residents/{nia.id}").status == 200
    assert db.session.scalars(select(Invitation)).one().withdrawn_at is None


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("pasted", "people"),
    [
        ('"Smith, Jo"\tElm\n', [("Smith, Jo? Is this the surname first?", "Elm")]),
        (
            "Jones, Ann\nEvans, Mary Jane",
            [("Jones? Is this the surname first?", "Ann"), ("Evans? Is this the surname first?", "Mary Jane")],
        ),
        ("Nia, Oak Court\nOla, Flat 2, top floor", [("Nia", "Oak Court"), ("Ola", "Flat 2, top floor")]),
        ('Nia\t"Flat 2\nOak Court"\nOla\tElm', [("Nia", "Flat 2 Oak Court"), ("Ola", "Elm")]),
        ('Dai "Bach\tOak\n"Mo\tElm', [('Dai "Bach', "Oak"), ('"Mo', "Elm")]),
        ("Name;Flat\nNia;2", [("Nia", "2")]),
        ("Cyfenw\tEnw cyntaf\tDyddiad geni\tCyfeiriad\nPuw\tNia\t1.2.80\tTŷ Coch", [("Nia Puw", "Tŷ Coch")]),
        ("Nia\nName\tAddress", [("Nia", ""), ("Name? This looks like a heading, not like a person.", "Address")]),
        ("A\u200bnn\u202e\tO\u00adak", [("Ann", "Oak")]),
        (
            "Jones, Ann\nNia Three, Oak Court",
            [("Jones? Is this the surname first?", "Ann"), ("Nia Three", "Oak Court")],
        ),
        ("Name\nJones, Ann\nBo", [("Jones? Is this the surname first?", "Ann"), ("Bo", "")]),
        (
            "Name\tFlat\nBo\t2\nNia, Oak Court\nJones, Ann",
            [("Bo", "2"), ("Nia", "Oak Court"), ("Jones? Is this the surname first?", "Ann")],
        ),
        ("Tenant name,Flat no\nAnn Lee,12", [("Ann Lee", "12")]),
        ("Tenant no.\tName of tenant\tTenant's address\n77\tAnn Lee\tElm", [("Ann Lee", "Elm")]),
        ("Enw'r tenant;Rhif y fflat;Llinell cyfeiriad 1\nNia;2;Tŷ Coch", [("Nia", "2, Tŷ Coch")]),
        ("Title,Forename,Last name,Address 1,Address 2\nMs,Ann,Lee,Flat 9,Elm", [("Ann Lee", "Flat 9, Elm")]),
        (
            "Ann\nTitle\tTenant name",
            [("Ann", ""), ("Title? This looks like a heading, not like a person.", "Tenant name")],
        ),
        (
            "12\tAnn Lee\n1234567\n=1+1",
            [(f"12{NO_LETTERS}", "Ann Lee"), (f"1234567{NO_LETTERS}", ""), (f"=1+1{NO_LETTERS}", "")],
        ),
        (
            f"Name\tAddress line 1\tAddress line 2\nAnn\t{'l' * 30}\t{'m' * 30}",
            [("Ann? The label was too long. This is how it begins.", f"{'l' * 30}, {'m' * 8}")],
        ),
    ],
)
def test_a_list_is_shown_before_it_is_used(visit, sam, pasted, people):
    page = visit(sam).post(SEVERAL, status=200, on=NEW, people=pasted, adult="y")
    assert rows_on(page) == people and residents() == 0
    told = "The first line has headings, so it gets no letter." in page
    assert told == pasted.startswith(("Name", "Cyfenw", "Tenant", "Enw'r", "Title"))


def test_a_list_with_the_surname_first_is_turned_round_when_the_coach_says_so(visit, sam):
    coach = visit(sam)
    pasted = 'Jones, Ann\nO’Brien, Mary-Jane\n"Smith, Jo"\tElm'
    coach.post(SEVERAL, status=200, on=NEW, people=pasted, adult="y")
    assert "Choose what stands in front of the comma." in coach.press("Make the letters", status=422).errors
    page = coach.press("Make the letters", status=200, order="surname")
    assert rows_on(page) == [("Ann Jones", ""), ("Mary-Jane O’Brien", ""), ("Jo Smith", "Elm")] and residents() == 0
    assert len(codes_on(coach.press("Make the letters", status=200))) == 3
    assert known() == [("Ann Jones", ""), ("Mary-Jane O’Brien", ""), ("Jo Smith", "Elm")]


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("pasted", "people"),
    [
        ('"Jones, Ann",Flat 9\n"Smith, Jo",Elm', [("Ann Jones", "Flat 9"), ("Jo Smith", "Elm")]),
        ('"Jones, Ann"\tFlat 9\nNia Two, Oak Court', [("Ann Jones", "Flat 9"), ("Nia Two", "Oak Court")]),
        ("Jones, Ann\nNia Three, Oak Court", [("Ann Jones", ""), ("Nia Three", "Oak Court")]),
        ("Jones, Ann, Flat 9\nNia, Flat 2, top floor", [("Ann Jones", "Flat 9"), ("Nia", "Flat 2, top floor")]),
    ],
)
def test_only_a_name_with_its_surname_first_is_turned_round(visit, sam, pasted, people):
    coach = visit(sam)
    coach.post(SEVERAL, status=200, on=NEW, people=pasted, adult="y")
    assert rows_on(coach.press("Make the letters", status=200, order="surname")) == people
    assert len(codes_on(coach.press("Make the letters", status=200))) == 2
    assert known() == people


def test_a_list_stays_as_it_is_when_the_coach_says_so(visit, sam):
    coach = visit(sam)
    coach.post(SEVERAL, status=200, on=NEW, people="Jones, Ann", adult="y")
    assert len(codes_on(coach.press("Make the letters", status=200, order="name"))) == 1
    assert known() == [("Jones", "Ann")]


# -- more names than places


@pytest.mark.on_both
def test_fifteen_pasted_and_ten_places_left(app, visit, sam, places):
    places(10)
    coach = visit(sam)
    pasted = "Name\tFlat\n" + "\n".join(f"Person {n:02}\t{n}" for n in range(15))
    page = coach.post(SEVERAL, status=422, on=NEW, people=pasted, adult="y")
    assert "Your list has 15, and 10 places are left this week." in page.errors
    assert [name for name, _label in rows_on(page)] == [f"Person {n:02}" for n in range(10)] and residents() == 0
    assert "5 more are kept for you, from line 12 on." in page
    button, codes = "Make the first 10, keep 5 for Monday", []
    for _ in range(2):
        coach.page = page
        codes.append(codes_on(coach.press(button, status=200)))
    assert codes[0] == codes[1] and len(codes[0]) == 10 and residents() == 10, "nobody twice"
    assert "5 names are kept for you until there is a place." in coach.get(NEW)
    assert "5 names that you kept" not in coach.get("/today"), "there is no place yet"
    places(20)
    assert "5 names that you kept can have a letter now." in coach.get("/today")
    page = coach.click("Make the letters")
    assert page.value("people") == "Name\tFlat\n" + "\n".join(f"Person {n:02}\t{n}" for n in range(10, 15))
    page = coach.press(GO_ON, status=200, adult="y")
    assert [name for name, _label in rows_on(page)] == [f"Person {n:02}" for n in range(10, 15)]
    assert len(codes_on(coach.press("Make the letters", status=200))) == 5
    assert residents() == 15 and coach.get(NEW).value("people") == ""
    assert "names that you kept" not in coach.get("/today")


def test_fewer_places_than_the_page_showed_makes_nothing(visit, sam, places):
    places(3)
    coach = visit(sam)
    coach.post(SEVERAL, status=422, on=NEW, people="Ann\nBo\nCai\nDee", adult="y")
    invite("Somebody", sam)
    page = coach.press("Make the first 3, keep 1 for Monday", status=422)
    assert "Your list has 4, and 2 places are left this week." in page.errors and residents() == 1
    assert len(codes_on(coach.press("Make the first 2, keep 2 for Monday", status=200))) == 2


# -- letters that ran out


def run_out(*people: Person) -> None:
    """Their letters are a month old."""
    letters = db.session.scalars(select(Invitation).where(Invitation.resident_id.in_([one.id for one in people])))
    for letter in letters:
        letter.made_at = now() - timedelta(days=29)
    db.session.commit()


@pytest.mark.on_both
def test_several_letters_that_ran_out_are_made_again_and_printed_together(app, visit, sam, joe):
    people = [invite(name, sam)[0] for name in ("Ann", "Bo", "Cai")]
    other, _code = invite("Joe's", joe)
    run_out(*people, other)
    coach = visit(sam)
    page = coach.get("/today")
    assert page.text.index("Letters to make again") < page.text.index("Ann") and "Nobody opened it." in page
    page = coach.click("Make several of them at once")
    assert "Tick who gets a new letter." in coach.press("Make new letters for those ticked", status=422).errors
    page, codes = coach.page, []
    for _ in range(2):
        coach.page = page
        ticked = [people[0].id, people[2].id]
        codes.append(codes_on(coach.press("Make new letters for those ticked", status=200, people=ticked)))
    assert codes[0] == codes[1] and len(codes[0]) == 2
    assert len(printed(coach).pages) == 2
    assert "Is this for you, Ann?" in visit().get(f"/i/{codes[0][0]}")
    page = coach.get("/invitations?show=run_out")
    assert "Bo" in page and "Ann" not in page and "Not opened yet 2" in page
    data = {"csrf_token": coach.token(), "once": "y", "people": [other.id]}
    assert coach.send("POST", "/invitations/renew", data).status_code == 422, "another coach's"


def test_whoever_has_words_here_gets_no_letter_by_post(visit, sam):
    mo, _code = invite("Mo", sam)
    coach = visit(sam)
    coach.post(f"/residents/{mo.id}/conversations/new", words="he showed me his pigeons")
    coach.get("/invitations")
    coach.press("Code to hand over for Mo", status=200)
    run_out(mo)
    data = {"csrf_token": coach.token(), "once": "y", "people": [mo.id]}
    assert coach.send("POST", "/invitations/renew", data).status_code == 422
    page = coach.get("/invitations?show=run_out")
    assert not page.soup.select("input[name=people]")
    coach.press("Code to hand over for Mo", status=200)


def test_letters_by_what_became_of_them(visit, sam):
    for name in ("Ann", "Bo"):
        invite(name, sam)
    coach = visit(sam)
    page = coach.get("/invitations?show=waiting")
    assert "All 2" in page and "Not opened yet 2" in page and "Ann" in page
    assert "No letter just now." in coach.get("/invitations?show=opened")
    coach.get("/invitations?show=x", status=404)
