"""The timeline: all that happened to one person, newest first, each once, and to each reader what is for them."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import String, cast, insert, literal, select, text, update

from deal.assessment.models import Answer, Assessment, Pulse, Translation
from deal.blockers.models import Blocker
from deal.clock import now, today
from deal.conversations.models import Conversation, Note
from deal.db import db, supersede
from deal.deals.models import Deal, Kept, KeptAnswer, PromiseWording
from deal.goals.models import CheckIn, Goal, GoalState, State, Step, Wording
from deal.people import Assignment, Person
from deal.questions.models import current_question_set
from deal.residents.timeline import GROUPS, KIND, SIZE, timeline_of
from tests.people import (
    begin_about_me,
    finish_about_me,
    keep,
    make_answer,
    make_blocker,
    make_check_in,
    make_coach,
    make_deal,
    make_full_story,
    make_goal,
    make_promise,
    make_resident,
    make_step,
    make_talk,
    make_wording,
)
from tests.test_kpi_plans import _story as a_story
from tests.test_kpi_plans import heard, read_through


def line(resident, **which) -> str:
    query = "&".join(f"{name}={value}" for name, value in which.items())
    return f"/residents/{resident.id}/timeline?{query}"


def headings(page) -> list[str]:
    return [" ".join(one.get_text().split()) for one in page.soup.select(".deal-event__what")]


# -- what stands there


@pytest.mark.on_both
def test_both_read_what_happened_newest_first(visit, nia, sam):
    """Each in their own words, under its day; what she said before is hers alone."""
    make_talk(nia, sam, "we had tea", talked_on=today() - timedelta(days=9))
    about_me = begin_about_me(nia)
    make_answer(about_me, "proud", "i painted the hall", superseded_at=now())
    make_answer(about_me, "proud", "i painted the whole house")
    goal = make_goal(nia, "a bike of my own")
    make_step(goal, "ask at the bike shop", done=True)
    make_check_in(goal, 8, celebrate="i rode to the sea")
    keep(GoalState(goal_id=goal.id, state=State.REACHED, reason="it is red", by_id=nia.id))
    ours = make_promise(nia, "find out who has the key", by=sam)
    make_promise(nia, "oil the chain")
    supersede(PromiseWording, promise_id=ours.id)
    keep(PromiseWording(promise_id=ours.id, words="get the key", who="Sam", language="en", typed_by_id=sam.id))
    keep(KeptAnswer(promise_id=ours.id, kept=Kept.PARTLY))
    make_blocker(nia, "the rain")
    make_deal(nia, sam, goal, ours)
    expected = [
        *("We agreed our deal", "What got in my way", "Did we keep this promise?", "Our promise in other words"),
        *("I promised", "We promised you", "Goal: Done it", "How it is going", "A small step done", "A new goal"),
    ]
    page = visit(nia).get(line(nia))
    shown = headings(page)
    assert shown[: len(expected)] == expected
    assert shown[len(expected) + 2 :] == ["Began About me", "Coach: Sam", "Talk with Sam"]
    days = [one.get_text() for one in page.soup.select(".deal-day__date")]
    back = today() - timedelta(days=9)
    assert days == [f"{one:%A} {one.day} {one:%B %Y}" for one in (today(), back)]
    assert {"i painted the hall", "i painted the whole house", "it is red", "i rode to the sea"} <= set(page.words)
    assert "I changed this later" in page and "You said: Partly" in page

    page = visit(sam).get(line(nia))
    assert "What happened" in page and {"i painted the whole house", "oil the chain"} <= set(page.words)
    assert "i painted the hall" not in page.html and "I changed this later" not in page
    assert {"What got in Nia's way", "Nia promised", "We promised"} <= set(headings(page))


def test_the_coach_reads_no_answer_of_an_earlier_way_through(visit, nia, sam):
    finish_about_me(nia, "my garden")
    again = begin_about_me(nia)
    make_answer(again, "proud", "my two gardens")
    page = visit(sam).get(line(nia, kind="answers"))
    assert "my two gardens" in page.words
    proud = db.session.scalars(select(Answer).where(Answer.words == "my two gardens")).one().question.prompt["en"]
    assert headings(page).count(proud) == 1
    assert headings(visit(nia).get(line(nia, kind="answers"))).count(proud) == 2


def test_each_kind_alone_is_a_link_of_its_own(visit, nia, sam, joe):
    make_full_story(nia, sam)
    for person in (nia, sam):
        browser = visit(person)
        for kind, name in GROUPS.items():
            links = browser.get(line(nia)).soup.select(".deal-kinds a")
            page = browser.get(next(one["href"] for one in links if one.get_text() == str(name)))
            assert page.path == line(nia, kind=kind)
            assert [one.get_text() for one in page.soup.select(".deal-kinds [aria-current]")] == [str(name)]
            assert headings(page), kind
        browser.get(line(nia, kind="everything"), status=404)
        browser.get(line(nia, after="broken"), status=404)
    visit(joe).get(line(nia), status=404)


@pytest.mark.on_both
def test_what_was_taken_back_or_not_agreed_says_so(visit, nia, sam):
    goal = make_goal(nia, "a bike of my own")
    make_check_in(goal, typed_by=sam, helped="he said so").not_agreed_at = now()
    wording = keep(make_wording(nia, "a boat", typed_by=sam, goal_id=goal.id, superseded_at=now(), not_agreed_at=now()))
    talk = make_talk(nia, sam, "she loves boats")
    talk.notes[0].not_agreed_at = now()
    db.session.commit()
    phone = visit(nia)
    for browser in (phone, visit(sam)):
        page = browser.get(line(nia))
        assert {"he said so", "a boat", "she loves boats"} <= set(page.words)
        assert page.text.count("not agreed") == 3
        unprinted = [one.get_text() for one in page.soup.select(".deal-day .deal-not-printed blockquote")]
        assert set(unprinted) == {"he said so", "a boat", "she loves boats"}, "no paper shows them"
    assert wording.goal_id == goal.id
    phone.click("Take back a bike of my own", on=line(nia))
    phone.press("Take it back")
    page = phone.get(line(nia, kind="goals"))
    assert "a bike of my own" not in page.html and "taken back, " in page


def test_who_typed_it_and_whether_it_was_read_back(visit, nia, sam):
    make_goal(nia, "a bike of my own", typed_by=sam)
    page = visit(sam).get(line(nia, kind="goals"))
    assert "Said by Nia, typed by Sam · not read back yet" in page
    visit(nia).get(line(nia, kind="goals"))
    page = visit(nia).click("That's not what I said a bike of my own", on=line(nia, kind="goals"))
    assert page.path.endswith("/not-mine")


def test_a_check_in_that_somebody_typed_can_be_disowned_there(visit, nia, sam):
    make_check_in(make_goal(nia), typed_by=sam, helped="the bus")
    phone = visit(nia)
    page = phone.get(line(nia, kind="goals"))
    button = next(one for one in page.soup.select("button") if one.get_text().startswith("That's not what I said"))
    page = phone.press(" ".join(button.get_text().split()))
    assert "not agreed" in phone.get(line(nia, kind="goals"))


def test_how_the_newest_talk_felt_is_asked_beside_it(visit, nia, sam):
    make_talk(nia, sam, talked_on=today() - timedelta(days=2))
    make_talk(nia, sam)
    assert "Did this feel right?" not in visit(sam).get(line(nia))
    phone = visit(nia)
    assert phone.get(line(nia)).text.count("Did this feel right?") == 1
    phone.press("No")
    assert db.session.scalars(select(Pulse.feels)).one().value == "no"
    assert "Did this feel right?" not in phone.get(line(nia))


# -- what got in the way


def test_words_stay_in_the_box_and_the_box_open(visit, nia, sam):
    for person in (nia, sam):
        browser = visit(person)
        page = browser.get(line(nia))
        assert not page.soup.select("details[open]")
        page = browser.press("Keep it", 422, words=" ", whose="service")
        assert "Write what got in the way." in page.errors
        assert page.soup.select("#got-in-the-way[open]") and page.soup.select("[value=service][checked]")
        page = browser.press("Keep it", words=f"the stairs, {person.name}", whose="mine")
        assert "That is written down." in page and f"the stairs, {person.name}" in page.words
        assert page.soup.select_one(".deal-event")["id"].startswith("blocker-")
    assert len(db.session.scalars(select(Blocker)).all()) == 2


def test_a_check_in_is_asked_about_once(visit, nia, sam):
    told = make_check_in(make_goal(nia), in_the_way="the rain")
    phone = visit(nia)
    page = phone.click("Got in the way: whose is it to change? the rain", on=line(nia, kind="goals"))
    assert page.soup.select("#got-in-the-way[open]") and "the rain" in page.words
    phone.press("Keep it", whose="mine")
    row = db.session.scalars(select(Blocker)).one()
    assert row.check_in_id == told.id
    again = phone.get(f"{line(nia, kind='blockers')}&check-in={told.id}")
    assert again.path == f"/residents/{nia.id}/blockers/{row.id}"
    phone.get(f"{line(nia, kind='blockers')}&check-in=99999", status=404)


# -- a page at a time

NAMES = sorted(set(KIND) - {"begun", "answer", "finished", "goal", "promise", "promise-words", "let-go", "deal"})
happenings = st.lists(st.tuples(st.sampled_from(NAMES), st.integers(0, 3)), max_size=70)


def at_minute(minute: int) -> datetime:
    return datetime(2026, 3, 2, tzinfo=UTC) + timedelta(minutes=minute)


def make_event(name, resident, coach, goal, promise, at):
    said = {"said_by_id": resident.id, "typed_by_id": resident.id, "language": "en"}
    day, who = at.date(), resident.id
    rows = {
        "coach": lambda: Assignment(resident_id=who, coach_id=coach.id, cover=True, since=at),
        "talk": lambda: Conversation(resident_id=who, coach_id=coach.id, how="phone", talked_on=day),
        "wording": lambda: make_wording(resident, "a boat", goal_id=goal.id, superseded_at=now(), at=at),
        "state": lambda: GoalState(goal_id=goal.id, state=State.RESTING, by_id=who, at=at),
        "step": lambda: Step(goal_id=goal.id, words="row", added_by_id=who, language="en", done_at=at),
        "check-in": lambda: CheckIn(goal_id=goal.id, number=5, **said, at=at),
        "kept": lambda: KeptAnswer(promise_id=promise.id, kept=Kept.NOT_YET, at=at, superseded_at=at),
        "blocker": lambda: Blocker(resident_id=who, whose="mine", words="mud", language="en", by_id=who, opened_at=at),
    }
    row = rows[name]()
    db.session.add(row)
    return row


@pytest.mark.on_both
@settings(max_examples=min(settings.default.max_examples, 20))
@given(happened=happenings, group=st.sampled_from([None, "goals", "blockers"]), own=st.booleans())
def test_every_event_is_read_once_and_in_order(app, sam, happened, group, own):
    """However many at one instant: by instant, then kind, then number, all downwards."""
    nia = make_resident("Nia", sam)
    goal, promise = make_goal(nia), make_promise(nia, by=sam)
    rows = []
    for name, minute in happened:
        at = at_minute(0 if name == "talk" else minute)
        rows.append((at, KIND[name], make_event(name, nia, sam, goal, promise, at), name))
    db.session.commit()
    groups = {"wording": "goals", "state": "goals", "step": "goals", "check-in": "goals", "blocker": "blockers"}
    wanted = [(at, kind, row.id) for at, kind, row, name in rows if group in (None, groups.get(name))]
    db.session.expire_all()
    read, after = [], None
    while True:
        page = timeline_of(nia, group, after, own=own)
        assert len(page.rows) <= SIZE
        read += [(one.at, KIND[one.kind], getattr(one.row, "row", one.row).id) for one in page.rows]
        if not (after := page.after):
            break
    assert read == sorted(read, reverse=True) and len(read) == len(set(read))
    assert [one for one in read if one[0] < at_minute(60)] == sorted(wanted, reverse=True)
    if wanted:
        _at, kind, number = wanted[len(wanted) // 2]
        name = next(name for name, one in KIND.items() if one == kind)
        page = timeline_of(nia, group, at=f"{name}-{number}", own=own)
        first = page.rows[0]
        assert first.anchor == f"{name}-{number}" and getattr(first.row, "row", first.row).id == number


@pytest.mark.on_both
def test_a_link_to_something_of_long_ago_leads_to_its_page(visit, nia, sam):
    talks = [make_talk(nia, sam, f"talk {n}", talked_on=today() - timedelta(days=90 - n)) for n in range(40)]
    coach = visit(sam)
    path = f"/residents/{nia.id}/conversations/{talks[3].id}/notes"
    page = coach.post(path, words="and cake")
    assert page.soup.select_one(".deal-event")["id"] == f"talk-{talks[3].id}"
    assert "and cake" in page.words and "talk 39" not in page.words
    assert "talk 39" in coach.click("Show the newest").words
    assert "talk 39" in coach.get(line(nia, kind="talks", at="talk-999999")).words, "none such: the newest"
    promise = make_promise(nia, "old promise")
    assert coach.get(line(nia, at=f"promise-{promise.id}")).soup.select(f"#promise-{promise.id}")


def statements_of(nia, **which):
    with heard() as statements:
        timeline_of(nia, **which)
    return statements


def test_no_growing_table_is_read_through(sqlite):
    """An empty PostgreSQL reads its tables through, and rightly: the slow test of the figures has many rows."""
    with sqlite.test_request_context():
        sam = make_coach()
        nia = make_resident("Nia", sam)
        make_full_story(nia, sam)
        page = timeline_of(nia)
        for own in (True, False):
            for which in ({}, {"after": page.after}, {"at": page.rows[20].anchor}, {"group": "promises"}):
                for statement, values in statements_of(nia, own=own, **which):
                    assert read_through(statement, values) == set(), statement


@pytest.mark.on_both
def test_many_events_take_as_many_statements_as_few(app, visit, nia, sam):
    make_full_story(nia, sam)
    most = []
    for _ in range(2):
        anchor = timeline_of(nia).rows[4].anchor
        for person in (nia, sam):
            browser = visit(person)
            browser.get(line(nia, at=anchor))
            most.append(len(browser.statements))
        goal = make_goal(nia)
        for _ in range(30):
            make_check_in(goal)
            make_blocker(nia)
            make_talk(nia, sam)
    assert max(most) <= 12 and most[2] <= most[0] and most[3] <= most[1]


# -- with many people


def fill(many: int) -> None:
    """Plain stories of many people, with a row for each in every table of the timeline."""
    coach, questions = 50_000, current_question_set()
    make_coach()
    db.session.execute(update(Person).values(id=coach))  # the first number would be found by reading from the start
    rows: dict = {}
    for number in range(1, many + 1):
        for table, values in a_story(number, coach, questions.id):
            there = rows.setdefault(table, [])  # one of each, but two of how it felt
            there.append({"id": len(there) + 1} | values)
    for table, values in rows.items():
        db.session.execute(insert(table.__table__), values)
    at, goal, hers, who = now(), Goal.id, Goal.resident_id, Assessment.resident_id
    said = {"language": "en", "at": at}
    of_goal = {"goal_id": goal, "said_by_id": hers, "typed_by_id": hers}
    plain_answer = {"skipped": False, "choices": [], "unreadable": False, "language": "en", "given_at": at}
    answer = {"question_id": questions.questions()[0].id, **plain_answer}
    of_answer = {"answer_id": Answer.id, "typed_by_id": Answer.resident_id}
    step = {"words": "row", "who": "", "language": "en", "added_at": at, "done_at": at}
    of_talk = {"conversation_id": Conversation.id, "typed_by_id": Conversation.resident_id}
    for table, values, source in (
        (Wording, {"words": "a boat", **said}, of_goal),
        (Step, step, {"goal_id": goal, "added_by_id": hers}),
        (CheckIn, said, of_goal),
        (Assignment, {"coach_id": coach, "since": at, "cover": False}, {"resident_id": hers}),
        (Deal, {"made_at": at, "agreed_on": today()}, {"resident_id": hers, "fingerprint": cast(goal, String)}),
        (Answer, answer, {"assessment_id": Assessment.id, "resident_id": who, "typed_by_id": who}),
        (Note, {"words": "tea", "taking_away": False, **said}, of_talk),
        (Translation, {"words": "te", "made_by": "her daughter", **said}, of_answer),
    ):
        columns = table.__table__.c
        same = [literal(value, columns[name].type).label(name) for name, value in values.items()]
        db.session.execute(insert(table).from_select([*values, *source], select(*same, *source.values())))
    db.session.commit()
    db.session.remove()
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


@pytest.mark.slow
@pytest.mark.on_both
def test_with_many_people_no_growing_table_is_read_through(app):
    """There are few questions, however many people answer them."""
    fill(20_000)
    nia = db.session.get_one(Person, 11_000)
    with app.test_request_context():
        for own in (True, False):
            events = timeline_of(nia, own=own).rows
            assert len(events) >= 12
            for which in ({}, {"at": events[5].anchor}, {"group": "goals"}):
                for statement, values in statements_of(nia, own=own, **which):
                    assert read_through(statement, values) <= {"question"}, statement
