"""Sam finds somebody as typed, among his own people and those he covers; and is asked before a second invitation."""

from datetime import timedelta
from urllib.parse import quote

import pytest
import time_machine
from sqlalchemy import insert, select, text

from deal.audit import AccessLog
from deal.caseload.lines import everybody_of, newest_words_of, progress_of
from deal.clock import now, today
from deal.db import db
from deal.invitations.models import Invitation, possible_duplicates
from deal.names import name_key
from deal.people import Person, Role
from tests.people import (
    begin_about_me,
    finish_about_me,
    in_one_commit,
    invite,
    make_answer,
    make_coach,
    make_cover,
    make_promise,
    make_resident,
    make_talk,
)
from tests.test_kpi_plans import heard, read_through


def names_on(page) -> list[str]:
    return [link.get_text() for link in page.soup.select(".deal-people__who a")]


def found(page) -> list[str]:
    """Who is on the list; or whose page it is, where it is one alone."""
    number = page.path.partition("/residents/")[2]
    return [db.session.get(Person, int(number)).name] if number else names_on(page)


PEOPLE = {
    "Siân Ó Brien": "", "Wojciech Łuć": "Llyn House", "Ŵyn": "Llŷn 3", "কণা": "", "under_score": "", "D’Arcy": "",
    "Sean O'Neill": "Flat 2-B", "Mary-Jane": "", "Ðuro": "", "A\u200bn\u00adw\u202een": "",
}  # fmt: skip
TYPED = [
    ("siân", ["Siân Ó Brien"]),
    ("SIAN", ["Siân Ó Brien"]),
    ("o brien", ["Siân Ó Brien"]),
    ("llŷn", ["Wojciech Łuć", "Ŵyn"]),
    ("luc", ["Wojciech Łuć"]),
    ("wyn llyn", ["Ŵyn"]),
    ("  Ŵyn  ", ["Ŵyn"]),
    ("কণা", ["কণা"]),
    ("100%", []),
    ("_", []),
    ("underscore", ["under_score"]),
    ("darcy", ["D’Arcy"]),
    ("d'arcy", ["D’Arcy"]),
    ("o’neill", ["Sean O'Neill"]),
    ("oneill", ["Sean O'Neill"]),
    ("o neill", ["Sean O'Neill"]),
    ("ＯʻＮｅｉｌｌ sean", ["Sean O'Neill"]),
    ("flat2b", ["Sean O'Neill"]),
    ("obrien", ["Siân Ó Brien"]),
    ("maryjane", ["Mary-Jane"]),
    ("mary jane", ["Mary-Jane"]),
    ("mary‑jane", ["Mary-Jane"]),
    ("duro", ["Ðuro"]),
    ("Đuro", ["Ðuro"]),
    ("an\u200bwen", ["A\u200bn\u00adw\u202een"]),
    ("%", []),
    ("\0", sorted(PEOPLE, key=name_key)),
    ("zzz", []),
    ("\ud800", []),
]


@pytest.mark.on_both
def test_as_typed(visit, sam, joe):
    with in_one_commit():
        for name, label in PEOPLE.items():
            make_resident(name, sam, label)
        make_resident("Sian", joe)
    browser = visit(sam)
    for typed, names in TYPED:
        address = "/people?q=" + quote(typed.encode("utf-8", "surrogatepass"))
        assert found(browser.get(address)) == names, repr(typed)


def test_among_ones_own_and_those_one_covers(visit, sam, joe, nia, amina):
    make_cover(amina, sam, by=joe)
    coach = visit(sam)
    page = coach.get("/people")
    assert names_on(page) == ["Amina", "Nia"] and "covering for Joe until" in page
    assert names_on(visit(joe).get("/people")) == ["Amina"]
    assert "Nobody of yours is called that." in visit(joe).get("/people?q=nia")


def test_the_next_page_looks_for_the_same(visit, sam):
    with in_one_commit():
        for number in range(60):
            make_resident(f"Ann {number:02}", sam)
        make_resident("Anwen", sam)
    coach = visit(sam)
    page = coach.get("/people?q=ANN")
    assert names_on(page) == [f"Ann {number:02}" for number in range(50)] and page.value("q") == "ANN"
    page = coach.click("Show the next ones")
    assert names_on(page) == [f"Ann {number:02}" for number in range(50, 60)]


def test_one_alone_is_opened_at_once_and_the_last_five_are_remembered(visit, sam, joe):
    names = ["Ann", "Bo", "Cai", "Dee", "Emyr", "Fay"]
    with in_one_commit():
        for name in names:
            make_resident(name, sam)
        make_resident("Cai", joe)
    coach = visit(sam)
    assert "You opened last" not in coach.get("/people")
    for name in names:
        page = coach.get(f"/people?q={name}")
        assert page.path.startswith("/residents/") and name in page
    line = coach.get("/people").soup.select_one(".deal-last-opened")
    assert [link.get_text() for link in line.select("a")] == names[:0:-1]
    assert "You opened last" not in visit(joe).get("/people")
    assert db.session.scalars(select(AccessLog.staff_id).distinct()).all() == [sam.id]


@pytest.mark.on_both
def test_people_is_a_caseload(app, visit, sam, joe):
    with in_one_commit():
        names = ("Ann", "Bo", "Cai", "Dee", "Emyr", "Fay")
        ann, bo, cai, dee, emyr, _fay = (make_resident(name, sam) for name in names)
        invite("Gil", sam)
        old, _code = invite("Old", sam)
        letter = db.session.scalars(select(Invitation).filter_by(resident_id=old.id)).one()
        letter.made_at = now() - timedelta(days=29)
    for days, person in ((3, ann), (9, bo)):
        with time_machine.travel(now() - timedelta(days=days)):
            finish_about_me(person)
    begin = begin_about_me(cai)
    make_answer(begin, "hope-most", "=SUM(1+1)")
    make_talk(dee, sam, next_on=today() + timedelta(days=2))
    with time_machine.travel(now() - timedelta(weeks=9)):
        make_talk(emyr, sam, next_on=None)
    make_promise(emyr, by=sam)
    make_cover(make_resident("Zed", joe), sam, by=joe)
    coach = visit(sam)
    page = coach.get("/people")
    stages = {row.th.a.get_text(): row.td.get_text() for row in page.soup.select(".deal-people tbody tr")}
    assert stages["Cai"].startswith("About me: 1 of ") and stages["Fay"] == "Signed in"
    assert (stages["Bo"], stages["Dee"], stages["Old"]) == ("About me finished", "Talking", "The letter ran out")
    for show, whom in {
        "waiting": ["Ann", "Bo"], "quiet": ["Emyr"], "not_opened": ["Gil", "Old"], "covering": ["Zed"],
        "mine": ["Ann", "Bo", "Cai", "Dee", "Emyr", "Fay", "Gil", "Old"],
    }.items():  # fmt: skip
        assert names_on(coach.get(f"/people?show={show}")) == whom
    firsts = {"waiting": ["Bo", "Ann"], "talk": ["Emyr", "Dee"], "chat": ["Dee", "Ann"], "promise": ["Emyr", "Ann"]}
    for sort, whom in firsts.items():
        assert names_on(coach.get(f"/people?sort={sort}"))[:2] == whom
    for bad in ("sort=x", "show=x", "after=x"):
        coach.get(f"/people?{bad}", status=404)
    file = coach.send("GET", "/people.csv").text
    assert file.splitlines()[0].startswith('\ufeff"Name","Label","Where they are","Waiting since"')
    assert '"Zed"' in file and "SUM" not in file and len(file.splitlines()) == 10


def test_the_next_page_goes_on_behind_the_last_in_any_order(visit, sam):
    with in_one_commit():
        for number in range(55):
            make_resident(f"Ann {number:02}", sam)
    coach = visit(sam)
    pages = [names_on(coach.get("/people?sort=waiting")), names_on(coach.click("Show the next ones"))]
    assert sorted(pages[0] + pages[1]) == [f"Ann {number:02}" for number in range(55)] and len(pages[1]) == 5


def refuse(name: str, coach: Person, label: str) -> None:
    """Somebody was invited, and said no thanks on 3 May."""
    resident, _code = invite(name, coach, label)
    letter = db.session.scalars(select(Invitation).filter_by(resident_id=resident.id)).one()
    letter.no_thanks_at = now().replace(year=today().year - 1, month=5, day=3)
    db.session.commit()


def count_of_residents() -> int:
    return len(db.session.scalars(select(Person).where(Person.role == Role.RESIDENT)).all())


def test_somebody_who_said_no_thanks_is_asked_about_before_another_letter(visit, sam, joe):
    refuse("Nia", sam, "Oak Court")
    refuse("Cai", sam, "")
    coach = visit(sam)
    page = coach.post("/invitations/new", status=409, name="NÏA", label="oak  court", adult="y")
    year = today().year - 1
    assert f"Nia (Oak Court) said no thanks on 3 May {year}. If you mean somebody else" in page.errors
    assert page.value("name") == "NÏA" and count_of_residents() == 2
    coach.press("Make the letter", status=200, all_the_same="y")
    assert count_of_residents() == 3
    page = coach.post("/invitations/new", status=409, name="Cai", adult="y")
    assert f"Cai said no thanks on 3 May {year}." in page.errors


@pytest.mark.parametrize(("name", "label"), [("Nia", "Elm Court"), ("Mia", "Oak Court")])
def test_another_name_or_label_is_somebody_else(visit, sam, name, label):
    refuse("Nia", sam, "Oak Court")
    visit(sam).post("/invitations/new", status=200, name=name, label=label, adult="y")


def test_nothing_is_said_of_another_coachs_people_or_of_who_came_in_later(visit, sam, joe):
    refuse("Nia", joe, "Oak Court")
    refuse("Amina", sam, "Elm Court")
    amina = db.session.scalars(select(Invitation).join(Invitation.resident).where(Person.name == "Amina")).one()
    amina.agreed_at = amina.no_thanks_at + timedelta(minutes=2)
    db.session.commit()
    visit(sam).post("/invitations/new", status=200, name="Nia", label="Oak Court", adult="y")
    page = visit(sam).post("/invitations/new", status=409, name="Amina", label="Elm Court", adult="y")
    assert "Amina (Elm Court) is one of your people already." in page.errors and "no thanks" not in page.errors


@pytest.mark.on_both
@pytest.mark.parametrize(("name", "label"), [("Mary Jane", ""), ("MARYJANE", "Oak-court"), ("mary\u00adjane", "")])
def test_somebody_who_is_here_is_asked_about_before_another_letter(visit, sam, joe, name, label):
    make_resident("Mary-Jane", sam, "Oak Court")
    make_resident("Mary-Jane", joe, "Elm Court")
    coach = visit(sam)
    page = coach.post("/invitations/new", status=409, name=name, label=label, adult="y")
    assert "Mary-Jane (Oak Court) is one of your people already." in page.errors and count_of_residents() == 2
    coach.press("Make the letter", status=200, all_the_same="y")
    assert count_of_residents() == 3


def test_no_table_is_read_through_to_find_somebody(sqlite):
    with sqlite.app_context():
        coach = make_coach()
        with heard() as statements:
            possible_duplicates(coach, [("Nia", "")])
            nobody = everybody_of(coach, today())
            progress_of([1, 2])
            newest_words_of(nobody)
        assert [read_through(*one) for one in statements if "FROM setting" not in one[0]] == [set()] * 4


@pytest.mark.slow
@pytest.mark.on_both
def test_among_a_hundred_thousand_people_nobody_elses_are_read(app, sam):
    people = [
        {"role": Role.RESIDENT, "name": f"Nia {n}", "name_key": f"nia {n}", "label_key": ""} for n in range(100_000)
    ]
    db.session.execute(insert(Person), people)
    db.session.commit()
    db.session.execute(text("ANALYZE"))
    nia = make_resident("Nia O’Brien", sam)
    with heard() as statements:
        assert [one.id for one in everybody_of(sam, today())] == [nia.id]
        assert [one and one.person for one in possible_duplicates(sam, [("nia obrien", "")])] == [nia]
    assert {"person" in read_through(*one) for one in statements} == {False}
