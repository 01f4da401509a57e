"""Morgan suspends Sam: who looks after Sam's people, what they read, and that somebody always can sign in."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from deal.auth.models import OneTimeKind
from deal.blockers.models import Heading, waiting_for_managers
from deal.clock import now, today
from deal.db import db
from deal.people import Assignment, Person, StaffExclusion, coached_by, without_a_coach
from deal.staff.models import Suspension
from tests.browser import Browser, value_of
from tests.people import (
    PASSWORD,
    finish_about_me,
    invite,
    keep,
    make_blocker,
    make_coach,
    make_heading,
    make_manager,
    make_one_time_code,
    make_resident,
    pass_on,
)


def suspended(browser, person, status=303, **fields):
    return browser.post(f"/staff/{person.id}/suspend", status=status, on=f"/staff/{person.id}/people", **fields)


def lost():
    """The numbers of residents whom nobody coaches now."""
    return db.session.scalars(without_a_coach()).all()


def close(person):
    """As if somebody had suspended them."""
    db.session.execute(update(Person).where(Person.id == person.id).values(closes_at=now() - timedelta(days=1)))
    db.session.commit()


@pytest.mark.on_both
def test_sam_is_suspended_joe_covers_and_sam_comes_back(visit, nia, sam, joe, morgan):
    """Sam is out at once; Nia reads that Joe is there; Sam comes back with the same password and has her again."""
    desk, manager, phone = visit(sam), visit(morgan), visit(nia)
    assert "Sam coaches 1 person." in manager.get(f"/staff/{sam.id}/people")
    page = manager.press("Suspend", plan="cover", to=joe.id, words="Joe rings you.")
    assert "Sam is suspended and cannot sign in." in page and "Joe covers for 1 person" in page
    assert "since" in page and "Set cover for some days" in page
    assert desk.get("/today").path.startswith("/staff/sign-in")
    visit().post("/staff/sign-in", status=422, email=sam.email, password=PASSWORD)
    assert coached_by(joe, nia.id) and len(lost()) == 0
    home = phone.get(f"/residents/{nia.id}")
    assert "Joe is here for you while Sam is away." in home and "Joe rings you." in home.words
    home = phone.press("All right")
    assert home.text.count("Joe is here for you while Sam is away.") == 1, "still, beside Joe's number"
    assert "covering for Sam since" in visit(joe).get("/people") and "since" in phone.get(
        f"/residents/{nia.id}/timeline?kind=coaches"
    )
    assert "for Sam: 1 person" in visit(joe).get("/cover")

    assert "suspended since" in manager.get("/staff")
    manager.get(f"/staff/{sam.id}/people")
    page = manager.press("Reactivate Sam")
    assert "Sam can sign in again, with the password they had." in page and "suspended since" not in page
    assert visit().post("/staff/sign-in", email=sam.email, password=PASSWORD).path == "/today"
    assert coached_by(sam, nia.id) and not coached_by(joe, nia.id)
    assert "The cover for their 1 person has ended." in page
    assert "Joe is here for you" not in phone.get(f"/residents/{nia.id}")
    row = db.session.scalars(select(Suspension)).one()
    assert (row.person_id, row.by_id, row.ended_by_id) == (sam.id, morgan.id, morgan.id) and row.ended_at


def test_cover_that_has_a_last_day_goes_on_when_sam_comes_back(visit, nia, sam, joe, morgan):
    manager = visit(morgan)
    suspended(manager, sam, plan="cover", to=joe.id, last=today() + timedelta(days=3))
    manager.get(f"/staff/{sam.id}/people")
    page = manager.press("Reactivate Sam")
    assert coached_by(joe, nia.id) and "has ended" not in page


def test_the_second_press_changes_nothing_more(visit, nia, sam, joe, morgan):
    manager = visit(morgan)
    page = manager.get(f"/staff/{sam.id}/people")
    for _ in range(2):
        manager.page = page
        after = manager.press("Suspend", plan="cover", to=joe.id)
        assert "Sam is suspended and cannot sign in." in after and "Joe covers for 1 person" in after
    assert len(db.session.scalars(select(Suspension)).all()) == 1
    views = manager.get(f"/staff/{sam.id}/people")
    for _ in range(2):
        manager.page = views
        manager.press("Reactivate Sam")
    assert not sam.is_closed


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({}, "Choose who looks after their people, or: nobody for now."),
        ({"plan": "cover"}, "Choose a coach from the list."),
        ({"plan": "move", "to": ""}, "Choose a coach from the list."),
        ({"plan": "cover", "to": "7777"}, "That is not one of the choices."),
        ({"plan": "cover", "last": today() - timedelta(days=1)}, "The last day has to be today or in the coming year."),
        ({"plan": "cover", "last": "31 2 2027"}, "There is no 31 February in 2027."),
    ],
)
def test_a_plan_that_is_none(visit, nia, sam, joe, morgan, fields, sentence):
    fields = {"words": " see you\nsoon"} | ({"to": joe.id} if "last" in fields else {}) | fields
    page = suspended(visit(morgan), sam, 422, **fields)
    assert sentence in page.errors and page.soup.select_one("details:has(> #suspend)").has_attr("open")
    box = page.form_to(f"/staff/{sam.id}/suspend").find("textarea", attrs={"name": "words"})
    assert value_of(box) == " see you\nsoon"
    assert not sam.is_closed and not db.session.scalars(select(Suspension)).all()


@pytest.mark.on_both
def test_nobody_for_now_and_nobody_is_lost(visit, nia, sam, joe, morgan):
    """Nia and Dee, who has only a letter, are counted until they have somebody; Moira shuts Joe out and stays."""
    moira, (dee, _code) = make_resident("Moira", sam), invite("Dee", sam)
    keep(StaffExclusion(resident_id=moira.id, staff_id=joe.id))
    manager = visit(morgan)
    suspended(manager, sam, plan="nobody")
    assert "3 people have no coach." in manager.get("/numbers")
    home = visit(nia).get(f"/residents/{nia.id}")
    assert "Sam is away at the moment. Please ring us on 01632 960000" in home and "960123" not in home
    page = manager.post("/staff/people-without-a-coach", on="/staff", to=joe.id)
    assert "Joe has 2 people more." in page and "1 person was not moved." in page
    assert "1 person has no coach." in page
    assert coached_by(joe, nia.id) and coached_by(joe, dee.id) and not coached_by(joe, moira.id)
    manager.get(f"/staff/{sam.id}/people")
    manager.press("Reactivate Sam")
    assert coached_by(sam, moira.id) and len(lost()) == 0


@pytest.mark.on_both
def test_moved_for_good_and_whoever_shuts_joe_out_is_counted(visit, nia, sam, joe, morgan):
    moira = make_resident("Moira", sam)
    keep(StaffExclusion(resident_id=moira.id, staff_id=joe.id))
    page = suspended(visit(morgan), sam, plan="move", to=joe.id)
    assert "Joe has 1 person more." in page and "1 person was not moved." in page
    assert coached_by(joe, nia.id) and len(lost()) == 1


def test_nobody_whom_joe_could_take_leaves_sam_as_he_was(visit, nia, sam, joe, morgan):
    keep(StaffExclusion(resident_id=nia.id, staff_id=joe.id))
    for plan in ("cover", "move"):
        page = suspended(visit(morgan), sam, 422, plan=plan, to=joe.id)
        assert "There is nobody whom Joe could take." in page.errors
    db.session.refresh(sam)
    assert not sam.is_closed and not db.session.scalars(select(Suspension)).all()
    suspended(visit(morgan), sam, plan="nobody", to=joe.id)  # whom they had chosen before does not matter then
    assert len(lost()) == 1


def test_cover_runs_out_or_its_coach_is_suspended_too(visit, nia, sam, joe, morgan):
    """Then Nia is counted again; and Joe's cover for Zahra, who is not suspended, ends with a word about it."""
    zahra = make_coach("Zahra")
    ola, manager = make_resident("Ola", zahra), visit(morgan)
    visit(zahra).post("/cover", to=joe.id, first=today(), last=today() + timedelta(days=7))
    suspended(manager, sam, plan="cover", to=joe.id, last=today())
    assert len(lost()) == 0
    row = db.session.scalars(select(Assignment).where(Assignment.resident_id == nia.id, Assignment.cover)).one()
    assert row.last_day == today()
    page = manager.get(f"/staff/{joe.id}/people")
    assert "Joe also covers for others. That ends." in page and "for Zahra: 1 person" in page
    manager.press("Suspend")
    assert len(lost()) == 1 and "is here for you" not in visit(ola).get(f"/residents/{ola.id}")
    visit(zahra).get(f"/residents/{ola.id}")


def test_who_is_suspended_is_offered_nowhere(visit, nia, sam, joe, morgan):
    moira = make_resident("Moira", joe)
    close(sam)
    heading = make_heading(morgan)
    manager, coach = visit(morgan), visit(joe)
    places = [
        (manager, f"/staff/{joe.id}/people"),
        (manager, "/staff"),
        (manager, f"/blockers/headings/{heading.id}"),
        (coach, "/cover"),
        (coach, f"/residents/{moira.id}/change"),
    ]
    for browser, path in places:
        offered = [option.get_text() for option in browser.get(path).soup.select("option")]
        assert not [one for one in offered if "Sam" in one], path


def test_a_resident_who_has_finished_is_not_told_that_sam_rings(visit, nia, sam, joe, morgan):
    number = finish_about_me(nia).id
    close(sam)
    page = visit(nia).get(f"/residents/{nia.id}/about-me/{number}/done")
    assert "Sam" not in page and "We will be in touch by" in page and "Our number is 01632 960000" in page
    _dee, code = invite("Dee", sam)
    assert "Sam" not in visit().get(f"/i/{code}")


def test_nobody_suspends_themself_and_the_last_manager_stays(visit, morgan):
    manager = visit(morgan)
    sentence = "You are the only manager who can sign in, so you have to stay. Add another manager first."
    path, page = f"/staff/{morgan.id}/suspend", f"/staff/{morgan.id}/people"
    assert sentence in manager.get(page)
    data = {"csrf_token": manager.token()}
    assert sentence in manager.open_answer(manager.send("POST", path, data), path, 422).errors
    alex = make_manager("Alex")
    other = "You cannot suspend yourself. Another manager can do it."
    assert other in manager.open_answer(manager.send("POST", path, data), path, 422).errors
    alex.secret_hash = None  # has not joined yet, and cannot sign in
    db.session.commit()
    assert sentence in manager.get(page) and not morgan.is_closed
    suspended(manager, alex)
    assert sentence in manager.get(page)


@pytest.mark.on_both
def test_two_managers_suspend_each_other_at_the_same_moment(app, morgan):
    """Whoever is second is signed out already, or is told that nothing was changed: one of them stays."""
    alex = make_manager("Alex")
    for _ in range(4):
        browsers, ready, answers = [Browser(app, morgan), Browser(app, alex)], threading.Barrier(2), []

        def press(browser: Browser, whom: int, ready=ready, answers=answers) -> None:
            with app.app_context():
                data = {"csrf_token": browser.token()}
                ready.wait()
                answers.append(browser.send("POST", f"/staff/{whom}/suspend", data).status_code)
                db.session.remove()

        pairs = zip(browsers, (alex.id, morgan.id), strict=True)
        threads = [threading.Thread(target=press, args=one) for one in pairs]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        db.session.expire_all()
        assert sorted(answers) in ([303, 401], [303, 422])
        assert [morgan.is_closed, alex.is_closed].count(True) == 1
        here, gone = (alex, morgan) if morgan.is_closed else (morgan, alex)
        browser = Browser(app, here)
        browser.get(f"/staff/{gone.id}/people")
        browser.press(f"Reactivate {gone.name}")


def test_whoever_was_suspended_a_moment_ago_suspends_nobody(app, visit, morgan, monkeypatch):
    """The page was let in before, and the statement looks again."""
    from deal.staff import views

    alex = make_manager("Alex")
    manager = visit(morgan)
    manager.get(f"/staff/{alex.id}/people")
    why_not = views._why_not
    monkeypatch.setattr(views, "_why_not", lambda person: [why_not(person), close(morgan)][0])
    monkeypatch.setattr("tests.browser.MOST_STATEMENTS", 14)  # two of them close Morgan
    page = manager.press("Suspend", status=422)
    assert "Somebody was quicker, and nothing was changed." in page.errors
    db.session.refresh(alex)
    assert not alex.is_closed


def test_a_join_link_is_dead_and_reactivating_makes_a_new_one(visit, morgan):
    manager = visit(morgan)
    ann = make_coach("Ann")
    ann.secret_hash = None
    db.session.commit()
    link = make_one_time_code(ann, OneTimeKind.JOIN)
    stale = manager.get(f"/staff/{ann.id}/people")
    suspended(manager, ann)
    visit().get(f"/join/{link}", status=410)
    manager.page = stale
    manager.press("New link for Ann", status=409)
    manager.get(f"/staff/{ann.id}/people")
    page = manager.press("Reactivate Ann", status=200)
    new = page.soup.select_one(".deal-link").get_text().strip().removeprefix("http://deal.test")
    visit().get(f"/join/{link}", status=410)
    assert "Welcome, Ann" in visit().get(new)


def test_the_address_of_somebody_suspended(visit, sam, morgan):
    close(sam)
    page = visit(morgan).post(
        "/staff/new", status=422, on="/staff", role="coach", name="Sam", email=sam.email.upper(), phone="1"
    )
    assert "Sam has this e-mail address and is suspended. Reactivate them in the list." in page.errors


def test_a_heading_whose_owner_has_left(visit, nia, sam, joe, morgan):
    """It is named as left, counts as nobody's, and another can be chosen; the words stay on the way."""
    heading = make_heading(morgan)
    blocker = pass_on(make_blocker(nia))
    blocker.heading_id, heading.owner_id = heading.id, sam.id
    db.session.commit()
    manager, path = visit(morgan), f"/blockers/headings/{heading.id}"
    stale = manager.get(path)
    assert db.session.scalar(waiting_for_managers()) == 0
    close(sam)
    assert db.session.scalar(waiting_for_managers()) == 1
    assert "Sam looked after it, and has left" in manager.get("/asks")
    manager.page = stale
    page = manager.press("Save", status=422, owner=sam.id, title="Shorter forms", due_on=today())
    assert "Sam has left. Choose somebody else, or nobody yet." in page.errors
    assert (page.value("title"), page.value("due_on")) == ("Shorter forms", str(today()))
    assert "Sam (has left)" in [option.get_text() for option in page.soup.select("option[selected]")]
    manager.press("Save", owner=joe.id)
    row = db.session.scalars(select(Heading)).one()
    assert (row.owner_id, row.words, row.due_on) == (joe.id, "Shorter forms", today())
    close(joe)
    stale = manager.get(path)
    page = manager.press("Save", status=422, title="Forms", owner=joe.id)
    assert "Joe has left." in page.errors and page.value("title") == "Forms"


def test_only_staff_can_be_suspended(visit, nia, morgan):
    for path in (f"/staff/{nia.id}/people", "/staff/99999/people"):
        visit(morgan).get(path, status=404)
    manager = visit(morgan)
    for path in (f"/staff/{nia.id}/suspend", f"/staff/{nia.id}/reactivate"):
        assert manager.send("POST", path, {"csrf_token": manager.token()}).status_code == 404
