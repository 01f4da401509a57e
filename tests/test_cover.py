"""A week of cover for Sam, and what Morgan does when Sam is ill or has gone: by number, without a name."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import func, select

from deal.clock import now, start_of, today
from deal.db import db
from deal.people import Assignment, StaffExclusion, coached_by, without_a_coach
from tests.people import finish_about_me, invite, keep, make_coach, make_goal, make_resident
from tests.test_guards_pages import fill

NEXT_WEEK = {"first": today() + timedelta(days=3), "last": today() + timedelta(days=9)}


def at(days: int, **more: float) -> time_machine.travel:
    """So many of the landlord's days from now, from their first moment."""
    return time_machine.travel(start_of(today() + timedelta(days=days)) + timedelta(**more), tick=False)


@pytest.mark.on_both
def test_a_week_of_cover(visit, nia, sam, joe):
    """It opens with its first day and shuts after its last, with nobody doing anything; Sam sees all the while."""
    finish_about_me(nia)
    make_resident("Moira", sam)
    coach = visit(sam)
    coach.get("/cover")
    page = coach.press("Set cover", to=joe.id, words="back on Monday", **NEXT_WEEK)
    assert "Joe covers for 2 people" in page and "Joe covers for 2 people." in page
    assert "for Sam: 2 people" in visit(joe).get("/cover")
    visit(joe).get(f"/residents/{nia.id}", status=404)
    assert "Nia" not in visit(joe).get("/today")
    phone = visit(nia).get(f"/residents/{nia.id}")
    assert "Joe is here for you while Sam is away." in phone and "back on Monday" in phone.words

    with at(3):
        page = visit(joe).get("/today")
        assert "Nia" in page and page.text.count("covering for Sam until") == 1
        page = visit(joe).get("/people?show=covering")
        assert "Moira" in page and page.text.count("covering for Sam until") == 2
        visit(joe).get(f"/residents/{nia.id}")
        visit(sam).get(f"/residents/{nia.id}")
        visit(joe).post(f"/residents/{nia.id}/conversations/new", words="we had tea")
    with at(10, microseconds=-1):
        assert coached_by(joe, nia.id)
    with at(10):
        visit(joe).get(f"/residents/{nia.id}", status=404)
        assert "Nia" not in visit(joe).get("/today") and "Moira" not in visit(joe).get("/people")
        assert "we had tea" in visit(sam).get(f"/residents/{nia.id}").words
        assert "is here for you" not in visit(nia).get(f"/residents/{nia.id}")
        assert "in place of Sam" in visit(nia).get(f"/residents/{nia.id}/timeline?kind=coaches")


def test_cover_for_one(visit, nia, sam, joe):
    moira = make_resident("Moira", sam)
    coach = visit(sam)
    page = coach.post(
        f"/residents/{nia.id}/cover", on=f"/residents/{nia.id}/change", to=joe.id, first=today(), last=today()
    )
    assert "Joe covers for you with Nia (Oak Court)." in page
    visit(joe).get(f"/residents/{nia.id}")
    visit(joe).get(f"/residents/{moira.id}", status=404)
    phone = visit(nia)
    assert "Joe can read your words on that day." in phone.get(f"/residents/{nia.id}")
    assert "while Sam is away" not in phone.press("All right")


def test_back_early(visit, nia, sam, joe):
    coach = visit(sam)
    coach.post("/cover", to=joe.id, first=today(), last=today() + timedelta(days=7))
    visit(joe).get(f"/residents/{nia.id}")
    assert "That cover has ended." in coach.press("End it now for Joe")
    assert "Joe covers" not in coach.page
    visit(joe).get(f"/residents/{nia.id}", status=404)
    visit(sam).get(f"/residents/{nia.id}")


def test_said_again_it_is_one_cover_and_the_last_word_holds(visit, nia, sam, joe):
    """Twice the same button, then longer: Joe has Nia once in every list."""
    coach = visit(sam)
    page = coach.get("/cover")
    for _ in range(2):
        coach.page = page
        assert "Joe covers for 1 person." in coach.press("Set cover", to=joe.id, **NEXT_WEEK)
    assert db.session.scalar(select(func.count()).select_from(Assignment).where(Assignment.cover)) == 1
    for first in (5, 0):
        coach.post("/cover", to=joe.id, first=today() + timedelta(days=first), last=today() + timedelta(days=20))
    for day in (0, 4, 6, 12, 20):
        with at(day, hours=30 if day == 0 else 12):
            assert visit(joe).get("/people").text.count("Nia") == 1


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"last": ""}, "Choose the last day."),
        ({"first": ""}, "Choose the first day."),
        ({"first": today() - timedelta(days=1)}, "The first day has to be today or in the coming year."),
        ({"first": today() + timedelta(days=400)}, "The first day has to be today or in the coming year."),
        ({"last": today()}, "The last day has to be the first day or later, and within a year."),
        ({"last": "20266-05-03"}, "Write the year with four numbers"),
        ({"many": "-1"}, "Write a whole number, or leave it empty."),
        ({"many": "٣"}, "Write a whole number, or leave it empty."),
        ({"to": ""}, "Choose a coach from the list."),
    ],
)
def test_cover_on_impossible_days(visit, nia, sam, joe, morgan, fields, sentence):
    theirs = f"/staff/{sam.id}/people"
    for person, path, on in ((sam, "/cover", "/cover"), (morgan, f"{theirs}/cover", theirs)):
        typed = {"to": joe.id, "words": " see you\nsoon"} | NEXT_WEEK | fields
        page = visit(person).post(path, status=422, on=on, **typed)
        assert sentence in page.errors and page.value("words") == " see you\nsoon"
    assert not db.session.scalars(select(Assignment).where(Assignment.cover)).all()


def test_hand_over_ends_every_cover(visit, nia, sam, joe):
    zahra = make_coach("Zahra")
    coach = visit(sam)
    coach.post("/cover", to=joe.id, first=today(), last=today() + timedelta(days=7))
    coach.post("/cover", to=zahra.id, first=today() + timedelta(days=8), last=today() + timedelta(days=9))
    coach.post(f"/residents/{nia.id}/hand-over", on=f"/residents/{nia.id}/change", to=zahra.id, told="y")
    visit(joe).get(f"/residents/{nia.id}", status=404)
    assert visit(zahra).get("/people").text.count("Nia") == 1


def test_who_covers_may_pass_on_but_not_to_themselves_or_to_sam(visit, nia, sam, joe):
    visit(sam).post("/cover", to=joe.id, first=today(), last=today())
    make_coach("Zahra")
    page = visit(joe).get(f"/residents/{nia.id}/change")
    assert [option.get_text() for option in page.soup.select("#hand-over option")] == [
        "Choose a coach",
        "Zahra · English",
    ]


@pytest.mark.on_both
def test_sam_has_gone_and_morgan_moves_his_people_by_number(visit, nia, sam, joe, morgan):
    """Moira shuts Joe out: she stays behind, and is counted. Dee has not opened her letter, and comes along."""
    moira, (dee, _code) = make_resident("Moira", sam), invite("Dee", sam)
    keep(StaffExclusion(resident_id=moira.id, staff_id=joe.id))
    make_goal(nia, "a bike of my own")
    manager, theirs = visit(morgan), f"/staff/{sam.id}/people"
    manager.get("/staff")
    manager.click("Sam")
    assert "Sam coaches 3 people." in manager.page
    move = manager.page
    for _ in range(2):
        manager.page = move
        page = manager.press("Move them", to=joe.id, words="Sam has left. Joe rings you.")
        assert "Joe has 2 people more." in page and "1 person was not moved." in page
    assert "Sam coaches 1 person." in page
    seen = [
        manager.get(path).text for path in ("/numbers", "/staff", f"/staff/{sam.id}/people", f"/staff/{joe.id}/people")
    ]
    assert not [name for name in ("Nia", "Moira", "Dee", "bike") for text in seen if name in text]

    assert "a bike of my own" in visit(joe).get(f"/residents/{nia.id}")
    visit(sam).get(f"/residents/{nia.id}", status=404)
    visit(joe).get(f"/residents/{moira.id}", status=404)
    visit(sam).get(f"/residents/{moira.id}")
    page = visit(nia).get(f"/residents/{nia.id}")
    assert "Joe is your coach now." in page and "Sam has left. Joe rings you." in page.words
    assert coached_by(joe, dee.id)
    page = manager.post(f"{theirs}/move", status=422, on=theirs, to=joe.id)
    assert "There is nobody whom Joe could take. Choose another coach." in page.errors


def test_some_of_them_go_to_one_and_the_rest_to_another(visit, sam, joe, morgan):
    zahra, people = make_coach("Zahra"), [make_resident(f"Person {number}", sam) for number in range(5)]
    manager, theirs = visit(morgan), f"/staff/{sam.id}/people"
    days = {"first": today(), "last": today() + timedelta(days=6)}
    assert "3 people are not covered." in manager.post(f"{theirs}/cover", on=theirs, to=joe.id, many="2", **days)
    page = manager.post(f"{theirs}/cover", on=theirs, to=zahra.id, many="3", **days)
    assert "Joe covers for 2 people" in page and "Zahra covers for 3 people" in page
    covered = [sum(1 for one in people if coached_by(coach, one.id)) for coach in (joe, zahra, sam)]
    assert covered == [2, 3, 5]
    manager.page = page
    manager.press("End it now for Joe")
    assert [sum(1 for one in people if coached_by(coach, one.id)) for coach in (joe, zahra, sam)] == [0, 3, 5]
    page = manager.post(f"{theirs}/move", on=theirs, to=joe.id, many="4")
    assert "Joe has 4 people more." in page and "1 person was not moved." in page


def test_people_without_a_coach_get_one(visit, nia, sam, joe, morgan):
    moira = make_resident("Moira", sam)
    keep(StaffExclusion(resident_id=moira.id, staff_id=joe.id))
    for row in db.session.scalars(select(Assignment)):
        row.until = now()
    db.session.commit()
    manager = visit(morgan)
    manager.get("/numbers")
    page = manager.click("2 people have no coach.")
    assert "Nia" not in page and "Moira" not in page
    page = manager.press("Give them this coach", to=joe.id)
    assert "Joe has 1 person more." in page and "1 person was not moved." in page
    assert db.session.scalars(without_a_coach()).all() == [moira.id]
    assert "Joe is your coach now." in visit(nia).get(f"/residents/{nia.id}")


def test_whom_they_named_is_left_out_of_cover_for_all(visit, nia, sam, joe):
    moira = make_resident("Moira", sam)
    keep(StaffExclusion(resident_id=moira.id, staff_id=joe.id))
    page = visit(sam).post("/cover", to=joe.id, first=today(), last=today())
    assert "Joe covers for 1 person." in page and "1 person is not covered." in page
    visit(joe).get(f"/residents/{nia.id}")
    visit(joe).get(f"/residents/{moira.id}", status=404)


@pytest.mark.on_both
def test_a_thousand_people_are_covered_and_moved_at_one_press_each(visit, sam, joe, morgan):
    """The browser refuses more than twelve statements; Joe's own pages stay within them too."""
    fill(1000, sam)
    manager, theirs = visit(morgan), f"/staff/{sam.id}/people"
    assert "Joe covers for 1000 people." in manager.post(f"{theirs}/cover", on=theirs, to=joe.id, **NEXT_WEEK)
    with at(4):
        assert "covering for Sam until" in visit(joe).get("/people")
        visit(joe).get("/people?q=resident+9")
    assert "Joe has 1000 people more." in manager.post(f"{theirs}/move", on=theirs, to=joe.id)
    assert "Joe coaches 1000 people." in manager.get(f"/staff/{joe.id}/people")
    assert "passed on to you" in visit(joe).get("/people")


def test_only_a_coach_has_people(visit, nia, morgan):
    manager = visit(morgan)
    for number in (nia.id, morgan.id, 99_999):
        for path in ("people/move", "people/cover"):
            answer = manager.send("POST", f"/staff/{number}/{path}", {"csrf_token": manager.token()})
            assert answer.status_code == 404
    manager.get(f"/staff/{nia.id}/people", status=404)


def test_cover_said_again_for_days_inside_it_loses_no_day(visit, nia, sam, joe):
    coach = visit(sam)
    path, on = f"/residents/{nia.id}/cover", f"/residents/{nia.id}/change"
    coach.post(path, on=on, to=joe.id, first=today() + timedelta(days=1), last=today() + timedelta(days=30))
    coach.post(path, on=on, to=joe.id, first=today() + timedelta(days=10), last=today() + timedelta(days=12))
    coach.post(path, on=on, to=joe.id, first=today(), last=today() + timedelta(days=2))
    for day in (0, 1, 5, 11, 13, 30):
        with at(day + 1, minutes=-1):
            assert coached_by(joe, nia.id), day
    with at(31):
        assert not coached_by(joe, nia.id)
