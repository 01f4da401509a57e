"""What got in Nia's way: nothing passes without her yes, no manager learns whose it is, and the answer comes back."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from deal.blockers.models import Blocker, Change, Heading, Whose, blockers_in_short, changes_page
from deal.clock import now, start_of, today
from deal.db import db
from deal.kpis.operational import Blockers
from tests.people import (
    finish_about_me,
    keep,
    make_blocker,
    make_check_in,
    make_goal,
    make_heading,
    make_resident,
    make_talk,
    pass_on,
)

FORM = "that form again,\n  nine pages!"


def line(resident) -> str:
    return f"/residents/{resident.id}/timeline?kind=blockers"


def every_manager_page(manager) -> str:
    """All that a manager can read about blockers."""
    paths = ["/numbers", "/asks", "/changes"]
    paths += [f"/blockers/headings/{number}" for number in db.session.scalars(select(Heading.id))]
    return "\n".join(manager.get(path).html for path in paths)


def test_from_a_check_in_to_what_was_changed(visit, nia, sam, morgan):
    finish_about_me(nia)
    goal = make_goal(nia)
    make_check_in(goal, in_the_way=FORM)
    phone, laptop, manager = visit(nia), visit(sam), visit(morgan)
    phone.get(f"/residents/{nia.id}/goals/{goal.id}")
    page = phone.click(f"Got in the way: whose is it to change? {today():%A} {today().day} {today():%B %Y}")
    assert FORM in page.words
    phone.press("Keep it")
    assert "That is written down." in phone.page and "I don't know" in phone.page

    laptop.get(f"/residents/{nia.id}")
    laptop.click(f"Write it for the managers {FORM.replace(chr(10) + '  ', ' ')}")
    assert "Choose whose" in laptop.press("Ask them", status=422, words="The form is long.").errors
    assert "would tell who it is" in laptop.press("Ask them", 422, words="Nia hates it", whose="landlord").errors
    assert laptop.page.value("words") == "Nia hates it"
    laptop.press("Ask them", words="The form for a new kitchen is nine pages.", whose="landlord")
    assert "nine pages" not in every_manager_page(manager)

    page = phone.get(f"/residents/{nia.id}")
    assert "May we pass this on, without your name?" in page
    assert "The form for a new kitchen is nine pages." in page.words
    phone.press("Yes, pass it on")
    page = manager.get("/numbers")
    assert "1 thing that gets in residents' way has no owner and no answer." in page
    manager.click("1 thing that gets in residents' way has no owner and no answer.")
    mark = db.session.scalars(select(Blocker)).one().mark
    errors = manager.press("Put them under the heading", 422, words="Long forms").errors
    assert "Tick what belongs" in errors and "gathered these already" not in errors
    assert "Write the new heading" in manager.press("Put them under the heading", 422, blocker=[mark], words="").errors
    manager.press("Put them under the heading", blocker=[mark], words="Long forms")
    assert "Nobody yet" in manager.page
    assert "That day has passed." in manager.press("Save", 422, due_on=str(today() - timedelta(days=1))).errors
    manager.press("Save", owner=sam.id, due_on=str(today()))
    assert f"Sam looks after it, by {today():%A} {today().day}" in manager.get("/asks")
    assert "1 thing" not in manager.get("/numbers")
    assert "The managers are looking at it." in phone.get(line(nia))

    manager.click("Open and answer Long forms", on="/asks")
    assert "Choose what became of it." in manager.press("Tell everybody", 422, words="Two pages now.").errors
    manager.press("Tell everybody", done="yes", words="Two pages now.")
    for browser, path in ((phone, f"/residents/{nia.id}"), (laptop, line(nia))):
        assert "Two pages now." in browser.get(path).words
        page = browser.get("/changes")
        assert {"Long forms", "Two pages now."} == set(page.words)
    html = every_manager_page(manager)
    assert "Two pages now." in html and "nine pages!" not in html
    assert "Nia" not in html and "Oak Court" not in html and f"/residents/{nia.id}" not in html


def test_her_own_words_pass_by_her_own_yes_alone(visit, nia, morgan):
    phone, manager, path = visit(nia), visit(morgan), f"/residents/{nia.id}/blockers"
    assert "Write what got in the way." in phone.post(path, 422, line(nia), words=" ", whose="landlord").errors
    page = phone.post(path, on=line(nia), words=FORM, whose="landlord")
    assert page.value("words") == FORM and "May we pass this on, without your name?" in page
    assert "nine pages" not in every_manager_page(manager)
    phone.press("No, keep it here")
    assert "May we pass" not in phone.get(f"/residents/{nia.id}")
    assert "You said no." in phone.get(line(nia)) and "nine pages" not in every_manager_page(manager)
    phone.click("Open this that form again, nine pages!")
    phone.press("Yes, pass it on", words="nine pages again")
    blocker = db.session.scalars(select(Blocker)).one()
    assert (blocker.words, blocker.passed_words) == (FORM, "nine pages again")
    assert "nine pages again" in manager.get("/asks").text or "nine pages again" in manager.page.words
    mine = phone.post(path, on=line(nia), words="my own fears", whose="mine")
    assert "my own fears" in mine.words and "my own fears" not in every_manager_page(manager)


def test_a_yes_is_taken_back_before_and_after_managers_gathered_it(visit, nia, sam, morgan):
    phone, manager = visit(nia), visit(morgan)
    blocker = pass_on(make_blocker(nia), "the door is locked")
    path = f"/residents/{nia.id}/blockers/{blocker.id}"
    phone.press("Do not pass it on after all", on=path)
    assert "the door is locked" not in manager.get("/asks").html
    heading = make_heading(morgan)
    pass_on(blocker, "the door is locked")
    manager.post("/blockers", on="/asks", blocker=[blocker.mark], heading=heading.id)
    assert "the door is locked" in manager.page.words
    phone.press("Take my yes back", on=path)
    page = manager.get(f"/blockers/headings/{heading.id}")
    assert "the door is locked" not in page.html and "taken back, " in page
    assert "the form is long" in phone.get(path).words  # between the two of them

    pass_on(blocker, "the door is locked")
    phone.press("Take it back: no word of it is left here", on=path)
    assert "the form is long" not in phone.page.html and "taken back, " in phone.page
    stored = db.session.get(Blocker, blocker.id)
    assert (stored.words, stored.passed_words, stored.passed_on) == (None, None, None)
    phone.send("POST", f"{path}/pass-on", {"csrf_token": phone.token(), "once": "a", "answer": "yes", "words": "x"})
    assert "the door is locked" not in manager.get(f"/blockers/headings/{heading.id}").html
    assert db.session.get(Blocker, blocker.id).passed_on is None


def test_taking_a_check_in_back_takes_what_was_copied_from_it_along(visit, nia, morgan):
    check_in = make_check_in(make_goal(nia), in_the_way="the stairs")
    pass_on(make_blocker(nia, None, check_in_id=check_in.id), "the stairs")
    phone = visit(nia)
    phone.post(f"/residents/{nia.id}/words/check-in/{check_in.id}/take-back")
    assert "the stairs" not in every_manager_page(visit(morgan))
    assert "the stairs" not in phone.get(line(nia)).html


def test_a_yes_is_a_yes_to_the_words_on_the_page(visit, nia, sam):
    """Sam changes the words while Nia reads: what she saw is what goes, and he cannot write over it afterwards."""
    finish_about_me(nia)
    make_goal(nia)
    blocker = make_blocker(nia, by_id=sam.id, passed_words="first words", passed_language="en")
    phone, laptop, path = visit(nia), visit(sam), f"/residents/{nia.id}/blockers/{blocker.id}"
    phone.get(f"/residents/{nia.id}")
    laptop.get(path)
    stale = laptop.page
    laptop.press("Ask them", words="other words")
    phone.press("Yes, pass it on")
    assert db.session.get(Blocker, blocker.id).passed_words == "first words"
    laptop.page = stale
    assert "Nia (Oak Court) has answered already. Nothing was changed." in laptop.press("Ask them", words="third words")
    assert db.session.get(Blocker, blocker.id).passed_words == "first words"


def test_only_a_clear_yes_is_one(visit, nia):
    phone, blocker = visit(nia), make_blocker(nia, passed_words="words")
    path = f"/residents/{nia.id}/blockers/{blocker.id}/pass-on"
    for answer in ("", "maybe"):
        data = {"csrf_token": phone.token(), "once": "a", "words": "words", "answer": answer}
        assert phone.send("POST", path, data).status_code == 400
    assert db.session.get(Blocker, blocker.id).passed_on is None


def test_the_board_tells_neither_who_nor_when(visit, nia, amina, morgan):
    for number, who in enumerate((nia, nia, nia, amina, amina)):
        pass_on(make_blocker(who), f"thing {number}")
    manager = visit(morgan)
    manager.get("/asks")
    shown = [number for number in range(5)]
    shown.sort(key=lambda number: manager.page.html.index(f"thing {number}"))
    assert shown != sorted(shown)
    assert {row.passed_on for row in db.session.scalars(select(Blocker))} == {start_of(today())}


def test_no_page_of_managers_holds_a_number_that_sorts_them(visit, nia, morgan):
    """What is ticked and pressed carries a mark that only the server can turn into a row."""
    for number in range(4):
        pass_on(make_blocker(nia), f"thing {number}")
    gathered = pass_on(make_blocker(nia, heading_id=make_heading(morgan).id), "thing 4")
    manager = visit(morgan)
    manager.get("/asks")
    marks = [box["value"] for box in manager.page.soup.select("input[name=blocker]")]
    assert len(set(marks)) == 4 and not [mark for mark in marks if mark.isdecimal()]
    assert f"blockers/{gathered.id}/" not in manager.get(f"/blockers/headings/{gathered.heading_id}").html
    stale = manager.page
    manager.press("Take out of this heading thing 4")
    assert "thing 4" not in manager.page.words
    manager.page = stale
    assert "thing 4" not in manager.press("Take out of this heading thing 4").words
    data = {"csrf_token": manager.token(), "blocker": ["1", "nothing"], "words": "Stairs", "heading": ""}
    page = manager.open_answer(manager.send("POST", "/blockers", data), "/blockers", 422)
    assert "Somebody has gathered" in page.errors
    assert db.session.scalar(select(func.count()).select_from(Blocker).where(Blocker.heading_id.is_not(None))) == 0


def test_two_managers_gather_at_once(visit, nia, morgan):
    one, other = (pass_on(make_blocker(nia), words) for words in ("first", "second"))
    here, there = visit(morgan), visit(morgan)
    here.get("/asks")
    there.get("/asks")
    page = there.page
    here.press("Put them under the heading", blocker=[one.mark], words="Mine")
    there.press("Put them under the heading", 422, blocker=[one.mark], words="Mine too")
    assert "Somebody has gathered these already" in there.page.errors
    assert db.session.scalars(select(Heading.words)).all() == ["Mine"]
    there.page = page
    there.press("Put them under the heading", blocker=[one.mark, other.mark], words="Yours")
    assert "1 was gathered or taken back before." in there.page and "second" in there.page.words
    there.press("Take out of this heading second")
    assert "second" in there.get("/asks").words


@pytest.mark.on_both
def test_pressing_twice_makes_one_of_each(app, visit, nia, morgan):
    phone, manager = visit(nia), visit(morgan)
    phone.get(line(nia))
    page = phone.page
    for _ in range(2):
        phone.page = page
        phone.press("Keep it", words="stairs", whose="landlord")
    blocker = pass_on(db.session.scalars(select(Blocker)).one())
    manager.get("/asks")
    page = manager.page
    for _ in range(2):
        manager.page = page
        manager.press("Put them under the heading", blocker=[blocker.mark], words="Stairs")
    page = manager.page
    for _ in range(2):
        manager.page = page
        manager.press("Tell everybody", done="no", words="We cannot build a lift.")
    counted = [db.session.scalar(select(func.count()).select_from(table)) for table in (Blocker, Heading, Change)]
    assert counted == [1, 1, 1]


def test_a_later_answer_takes_the_place_of_an_earlier_one(visit, nia, morgan):
    heading = make_heading(morgan, change="It is the law.", done=False)
    pass_on(make_blocker(nia, heading_id=heading.id))
    manager, phone = visit(morgan), visit(nia)
    assert "It is the law." in phone.get(f"/residents/{nia.id}").words
    manager.get(f"/blockers/headings/{heading.id}")
    stale = manager.page
    manager.press("Tell everybody", done="yes", words="The law has changed.")
    assert "The law has changed." in phone.get("/changes").words and "It is the law." not in phone.page.words
    assert {"It is the law.", "The law has changed."} <= set(manager.page.words)
    manager.press("Save", title="Rules")
    manager.page = stale
    assert "Somebody changed this" in manager.press("Save", 409, title="Laws").errors
    assert manager.page.value("title") == "Laws"


def test_a_coach_writes_down_what_got_in_the_way_in_a_talk(visit, nia, sam, joe, amina):
    talk = make_talk(nia, sam)
    coach = visit(sam)
    coach.get(f"/residents/{nia.id}/timeline?kind=talks")
    coach.click(f"Something got in the way {today():%A} {today().day} {today():%B %Y}")
    coach.press("Keep it", words="no bus on Sundays", whose="service")
    assert "Write it for the managers" in coach.page
    assert db.session.scalars(select(Blocker.conversation_id)).one() == talk.id
    coach.press("This is no longer in the way")
    assert "No longer in the way since" in visit(nia).get(line(nia))
    visit(amina).get(f"{line(amina)}&conversation={talk.id}", status=404)
    visit(joe).get(line(nia), status=404)


# -- for other pages


@pytest.mark.on_both
def test_the_landlords_own_are_counted_by_hand(app, nia, morgan):
    """Opened ten, nine and two days ago; the first was changed five days ago; a service's and a kept one count not."""
    days = {back: start_of(today() - timedelta(days=back)) for back in range(12)}
    heading = make_heading(morgan, change="Done.")
    heading.removed_at = days[5] + timedelta(hours=3)
    keep(heading)
    pass_on(make_blocker(nia, heading_id=heading.id), days_ago=10)
    pass_on(make_blocker(nia), days_ago=9)
    pass_on(make_blocker(nia, heading_id=make_heading(morgan, change="Never.", done=False).id), days_ago=2)
    pass_on(make_blocker(nia, heading_id=heading.id), days_ago=1)  # came up again: gone as it came
    pass_on(make_blocker(nia, whose=Whose.SERVICE), days_ago=9)
    make_blocker(nia, passed_words="no yes yet")
    assert Blockers.count(days[11], days[4]) == Blockers(opened=2, removed=1, open=1, oldest=4)
    assert Blockers.count(days[4], now()) == Blockers(opened=2, removed=1, open=2, oldest=8)
    assert [Blockers.count(days[11], days[back]).open for back in (10, 8, 4, 1)] == [0, 2, 1, 2]


@pytest.mark.on_both
def test_what_was_removed_is_removed_once(visit, nia, morgan):
    """By whichever came first; and words that are said again about a change move no day."""
    days = {back: start_of(today() - timedelta(days=back)) for back in range(12)}
    heading = make_heading(morgan, change="Two pages now.")
    heading.removed_at = days[6]
    keep(heading)
    pass_on(make_blocker(nia, heading_id=heading.id, gone_at=days[2]), days_ago=10)
    pass_on(make_blocker(nia, heading_id=heading.id), days_ago=10)
    pass_on(make_blocker(nia, heading_id=heading.id, gone_at=days[8]), days_ago=10)
    once = [Blockers.count(days[11], days[7]), Blockers.count(days[7], days[4]), Blockers.count(days[4], now())]
    assert [(one.removed, one.open) for one in once] == [(1, 2), (2, 0), (0, 0)]
    manager = visit(morgan)
    manager.get(f"/blockers/headings/{heading.id}")
    manager.press("Tell everybody", done="yes", words="Two pages, in large print.")
    db.session.expire_all()
    assert [Blockers.count(days[11], days[7]), Blockers.count(days[7], days[4]), Blockers.count(days[4], now())] == once
    manager.press("Tell everybody", done="no", words="It is nine again.")
    db.session.expire_all()
    assert heading.removed_at is None
    manager.press("Tell everybody", done="yes", words="Two once more.")
    db.session.expire_all()
    assert Blockers.count(days[4], now()).removed == 2, "it stood in the way again, and was removed again"


def test_what_is_open_for_a_resident(app, nia, amina, morgan):
    gone = make_blocker(nia, "gone", gone_at=now())
    done = make_heading(morgan, change="Done.")
    removed = pass_on(make_blocker(nia, "removed", heading_id=done.id))
    asked = make_blocker(nia, "asked", passed_words="may we?")
    mine = make_blocker(nia, "mine", whose=Whose.MINE)
    make_blocker(amina, "hers")
    assert gone.id and [one.id for one in blockers_in_short(nia)] == [asked.id, removed.id, mine.id]
    assert [one.words for one in changes_page(None).rows] == ["Done."]


@pytest.mark.on_both
def test_many_rows_take_as_many_statements_as_few(app, visit, nia, sam, morgan):
    """Each page is opened within twelve statements, and pages through all of it."""
    make_goal(nia)

    def add(many):
        for number in range(many):
            pass_on(make_blocker(nia), f"thing {number}", days_ago=number % 3)
            heading = make_heading(morgan, f"heading {number}", change="Done." if number % 2 else None)
            pass_on(make_blocker(nia, heading_id=heading.id), f"under {number}")
            make_blocker(nia, by_id=sam.id, passed_words="may we?")
        return {path: _statements(visit(who), path) for who, path in pages}

    pages = [(nia, f"/residents/{nia.id}"), (sam, f"/residents/{nia.id}"), (morgan, "/asks"), (morgan, "/numbers")]
    pages += [(nia, line(nia)), (sam, line(nia)), (sam, "/changes")]
    few = add(2)
    assert add(40) == few
    manager = visit(morgan)
    assert manager.get("/asks").html.count('name="blocker"') == 25
    assert manager.click("Show the next ones").html.count('name="blocker"') == 17


def _statements(browser, path):
    browser.get(path)
    return len(browser.statements)


def test_pages_with_nothing_on_them(visit, nia, sam, morgan):
    visit(nia).get(line(nia))
    visit(sam).get(line(nia))
    assert "Nothing new." in visit(morgan).get("/asks")
    assert "There is nothing here yet." in visit(nia).get("/changes")


@pytest.mark.parametrize("words", ["ask nia about it", "the GRIFFITHS rent book", "nía said so"])
def test_no_part_of_a_name_is_passed_on_however_it_is_written(visit, sam, words):
    nia = make_resident("Nia Griffiths", sam)
    told = make_blocker(nia, passed_words="A form is too long.")
    phone = visit(nia)
    page = phone.press("Yes, pass it on", on=f"/residents/{nia.id}/blockers/{told.id}", status=422, words=words)
    assert "would tell who it is" in page.errors and not told.passed_on
