"""The figures of a block by hand, their thresholds, how they are frozen, and what staff tell each week."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from sqlalchemy import delete, func, select, update
from time_machine import travel

from deal.assessment.models import Feels
from deal.blockers.models import Whose
from deal.caseload.models import CoachHours
from deal.clock import block_of, start_of, today, week_of
from deal.contact.models import Ending, Standing
from deal.db import db, supersede
from deal.deals.models import Kept, PromiseWording, Side
from deal.goals.models import State
from deal.kpis.models import BusinessAnswer, FrozenBlock, Hurts
from deal.kpis.operational import Blockers, Goals, Hurting, OwnWords, Reach, Wait
from deal.kpis.sentiment import Coaches, Promises, Residents
from deal.kpis.snapshots import NUMBERS, _freeze, figures_of, freeze, published, running
from deal.people import Person, Role
from deal.settings import WeeklyPlaces, change_settings, landlord
from tests.figures import (
    BLOCK,
    SPAN,
    add,
    at,
    blocker,
    felt_talk,
    finished,
    goal,
    heading,
    invited,
    on,
    people,
    promised,
    talked,
    waits,
)
from tests.figures import felt as felt_about_me

FROZEN_FROM = BLOCK + timedelta(days=42)


# -- a small case, worked out by hand


@pytest.mark.on_both
def test_reach_by_hand(app):
    """Two new people in the block, one the minute before; 500 places, then 20, 20 and 15."""
    a, b, c, d, sam = *people(Role.RESIDENT, 4), *people(Role.COACH, 1)
    invited(a, sam, at(0, 0), opened_at=at(1))
    invited(a, sam, at(8), renewal=True, opened_at=at(9))  # nobody new, and opened by the same person
    invited(b, sam, at(27, 23.9), no_thanks_at=at(28))  # no thanks in the next block
    invited(c, sam, at(-1, 23.9), opened_at=at(2), no_thanks_at=at(2))  # invited in the block before
    finished(a, at(1))
    finished(a, at(20))  # done again: one person
    finished(d, at(28, 0))  # the next block's first instant
    add(WeeklyPlaces(week=on(7), places=18))
    add(WeeklyPlaces(week=on(7), places=20))  # the newest row of a week holds
    add(WeeklyPlaces(week=on(21), places=15))
    weeks = [(1, 500), (0, 20), (0, 20), (1, 15)]
    told = Reach(invited=2, places=500 + 20 + 20 + 15, opened=2, finished=1, no_thanks=1, weeks=weeks)
    assert Reach.count(*SPAN) == told


@pytest.mark.on_both
def test_wait_by_hand(app):
    """They waited 0, 3 and 8 days over the weekend of the clocks; two wait at the end, the longest for 20 days."""
    them = people(Role.RESIDENT, 8)
    waits(them[0], at(4, 9), on(4))
    waits(them[1], at(18, 23.9), on(21))  # 24 October, a minute to midnight
    waits(them[2], at(-6), on(2))
    waits(them[3], None, on(3))  # talked first
    waits(them[4], at(9), on(8))  # written down later, and yet talked first
    waits(them[5], at(7))  # since the 13th: 20 days on 2 November
    waits(them[6], at(26), on(28))  # talked on the day after the block
    waits(them[7], at(28))  # finished after it
    stopped, later = people(Role.RESIDENT, 2)
    waits(stopped, at(2), stopped_on=on(27))  # no longer at the end
    assert Wait.count(*SPAN) == Wait(talks=3, median=3.0, waiting=2, longest=20)
    waits(later, at(6), stopped_on=on(28))  # the day after: still waiting at the end
    assert Wait.count(*SPAN) == Wait(talks=3, median=3.0, waiting=3, longest=21)
    waits(add(Person(role=Role.RESIDENT, name="Mo")), at(1), on(3))
    assert Wait.count(*SPAN).median == 2.5


@pytest.mark.on_both
def test_goals_and_own_words_by_hand(app):
    nia, *_ = people(Role.RESIDENT, 1)
    goal(nia, at(0, 0), True)
    goal(nia, at(3), False)
    goal(nia, at(-4), True, (State.RESTING, at(1)), (State.LIVE, at(2)), (State.RESTING, at(3)))
    goal(nia, at(-4), True, (State.REACHED, at(27, 23.9)))
    goal(nia, at(-4), False, (State.SET_ASIDE, at(-1)))
    goal(nia, at(-4), False, (State.CHANGED, at(28)))
    assert Goals.count(*SPAN) == Goals(set=2, done=1, changed=0, resting=2, set_aside=0)
    assert OwnWords.count(*SPAN) == OwnWords(own=1, live=2)


@pytest.mark.on_both
def test_blockers_by_hand(app):
    """Open before: two. Opened: two. Removed: one by a change, one gone. Open at the end: two, the oldest 33 days."""
    nia, *_ = people(Role.RESIDENT, 1)
    blocker(nia, at(-6, 0))  # 30 September; 2 November is 33 days later
    blocker(nia, at(-5, 0), heading(nia, removed_at=at(3)))
    blocker(nia, at(2, 0), gone_at=at(5))
    blocker(nia, at(20, 0), heading(nia, removed_at=None))
    blocker(nia, at(-3, 0), gone_at=at(-2))
    blocker(nia, at(4, 0), whose=Whose.SERVICE)
    blocker(nia, None, passed_words="no yes yet")
    assert Blockers.count(*SPAN) == Blockers(opened=2, removed=2, open=2, oldest=33)


@pytest.mark.on_both
def test_nobody_who_has_died_is_counted_on(app):
    """Nor what was promised to them; somebody who has moved away may still answer."""
    *them, sam = *people(Role.RESIDENT, 12), *people(Role.COACH, 1)
    for who in them:
        promised(who, sam, on(5), Kept.YES)
        promised(who, sam, on(6))
    for who in them[:3]:
        goal(who, at(0), True)
        blocker(who, at(2))
    assert (OwnWords.count(*SPAN), Blockers.count(*SPAN).open) == (OwnWords(3, 3), 3)
    assert Promises.count(*SPAN) == Promises(yes=10, answered=5)
    add(Ending(resident_id=them[0].id, standing=Standing.DIED, by_id=sam.id))
    add(Ending(resident_id=them[1].id, standing=Standing.MOVED, by_id=sam.id))
    assert (OwnWords.count(*SPAN), Blockers.count(*SPAN)) == (OwnWords(2, 2), Blockers(2, 0, 2, 25))
    for who in them[2:4]:
        add(Ending(resident_id=who.id, standing=Standing.DIED, by_id=sam.id))
    assert Promises.count(*SPAN) == Promises(None, None), "nine people"


@pytest.mark.on_both
def test_hurting_by_hand(app):
    """Three told in two weeks, 5 + 6 + 4 and 8 + 0 + 0: 23 over 2 is 12, rounded up. In other weeks too few did."""
    one, two, three = people(Role.COACH, 3)
    said = {"language": "en", "by_id": one.id}
    add(BusinessAnswer(week=on(0), hurts=Hurts.YES, words="Two were ill.", **said))
    add(BusinessAnswer(week=on(0), hurts=Hurts.NO, words="They are back.", **said))  # corrected
    add(BusinessAnswer(week=on(21), hurts=Hurts.NOT_SURE, words="", **said))
    add(BusinessAnswer(week=on(28), hurts=Hurts.YES, words="", **said))
    for coach, week, hours in ((one, 0, 5), (two, 0, 6), (one, 14, 8), (two, 14, 0), (three, 28, 40), (three, 7, 40)):
        add(CoachHours(coach_id=coach.id, week=on(week), hours=hours))
    weeks = [("no", "They are back."), (None, ""), (None, ""), ("not-sure", "")]
    assert Hurting.count(*SPAN) == Hurting(weeks, hours=None), "in no week did three tell"
    add(CoachHours(coach_id=three.id, week=on(0), hours=4))
    assert Hurting.count(*SPAN) == Hurting(weeks, hours=15), "nobody's 40 and nobody's 8 stand for all"
    add(CoachHours(coach_id=three.id, week=on(14), hours=0))
    assert Hurting.count(*SPAN) == Hurting(weeks, hours=12)
    db.session.execute(update(CoachHours).values(hours=0))
    assert Hurting.count(*SPAN).hours == 4, "no hours of all would be none of each; this says fewer than 5"


def ten_residents_answer() -> list[Person]:
    """Ten answer: seven say yes in the end, two no, one is not sure. Ten were asked in the block, seven of the ten."""
    *them, sam = *people(Role.RESIDENT, 13), *people(Role.COACH, 1)
    says = [Feels.YES] * 6 + [Feels.NO] * 3 + [Feels.NOT_SURE]
    for number, (who, feels) in enumerate(zip(them, says, strict=False)):
        felt_about_me(who, feels, at(3), done_at=at(3 if number > 2 else -9))  # three were asked before
    talk = talked(them[8], sam, on(6))
    felt_talk(talk, them[8], Feels.YES, at(6))  # their no was before
    felt_talk(talk, sam, Feels.NO, at(6))  # the coach's own
    finished(them[10], at(1))
    talked(them[11], sam, on(27))
    finished(them[12], at(12))
    return them


@pytest.mark.on_both
def test_residents_by_hand_and_nine_are_too_few(app):
    """Yes: 7 of 10 who answered. Response: 7 of 10 who were asked in the block, and not those asked before it."""
    them = ten_residents_answer()
    assert Residents.count(*SPAN) == Residents(yes=7, answered=7)
    db.session.execute(delete(Person).where(Person.id == them[9].id))
    assert Residents.count(*SPAN) == Residents(None, None)


def coaches_answer(coaches: int, answers: int) -> None:
    """The first says yes once, the last of the others say no; as many talks again are without an answer."""
    nia, *staff = *people(Role.RESIDENT, 1), *people(Role.COACH, coaches)
    for number in range(answers):
        talk = talked(nia, staff[number % coaches], on(number))
        felt_talk(talk, staff[number % coaches], Feels.NO if number else Feels.YES, at(number))
        felt_talk(talk, nia, Feels.YES, at(number))
        talked(nia, staff[0], on(number))


@pytest.mark.on_both
@pytest.mark.parametrize(
    ("coaches", "answers", "told"),
    [(2, 12, Coaches(None, None)), (3, 9, Coaches(None, None)), (3, 12, Coaches(2, 5)), (3, 10, Coaches(2, 5))],
)
def test_coaches_by_hand_and_two_are_too_few(app, coaches, answers, told):
    """1 of 12 and 1 of 10 are 2 in 10 or fewer; half of the talks have an answer."""
    coaches_answer(coaches, answers)
    assert Coaches.count(*SPAN) == told


@pytest.mark.on_both
def test_the_response_of_coaches_is_of_the_talks_written_down_in_the_block(app):
    """Ten answers to talks of before count as answers; of ten written in the block three have one."""
    nia, *staff = *people(Role.RESIDENT, 1), *people(Role.COACH, 3)
    for number in range(20):
        before, coach = number < 10, staff[number % 3]
        talk = talked(nia, coach, on(-1 if before else number), at(-1) if before else at(number))
        if number < 13:
            felt_talk(talk, coach, Feels.YES if before else Feels.NO, at(number))
    assert Coaches.count(*SPAN) == Coaches(yes=8, answered=3)


@pytest.mark.on_both
def test_a_response_of_few_who_were_asked_is_not_told(app):
    """Ten answer, of whom nine were asked before the block: of the one who was asked in it a share would tell who."""
    for number, who in enumerate(people(Role.RESIDENT, 10)):
        felt_about_me(who, Feels.YES, at(3), done_at=at(-9 if number else 3))
    assert Residents.count(*SPAN) == Residents(yes=8, answered=None)


@pytest.mark.on_both
def test_promises_by_hand_and_nine_are_too_few(app):
    """14 were due, 11 have an answer of 10 people, 10 were kept: 8 in 10 or more; 11 of 14 is 8 in 10."""
    them, (sam,) = people(Role.RESIDENT, 10), people(Role.COACH, 1)
    for who in them[:9]:
        promised(who, sam, on(5), Kept.NO, Kept.YES)  # the newest holds
    promised(them[0], sam, on(27), Kept.YES)
    promised(them[0], sam, on(0))
    promised(them[1], sam, on(1), Kept.YES, Kept.NOT_YET)
    promised(them[1], sam, on(1))
    promised(them[9], sam, on(28), Kept.NO)  # of the next block
    promised(them[9], sam, on(3), Kept.NO, let_go_at=at(4))
    promised(them[9], sam, None, Kept.NO, side=Side.RESIDENT)
    assert Promises.count(*SPAN) == Promises(None, None), "nine people"
    last = promised(them[9], sam, on(2), Kept.PARTLY)
    assert Promises.count(*SPAN) == Promises(yes=8, answered=8)
    reworded = {"words": "later", "typed_by_id": sam.id, "language": "en", "due_on": on(40)}
    supersede(PromiseWording, promise_id=last.id)
    db.session.add(PromiseWording(promise_id=last.id, **reworded))  # moved out of the block
    assert Promises.count(*SPAN) == Promises(None, None)


@pytest.mark.on_both
@pytest.mark.parametrize(("number", "told"), [(4, None), (5, 8)])
def test_nothing_stored_makes_it_fewer_than_five(app, number, told):
    change_settings({"least_people": 1}, by=None)
    for who in people(Role.RESIDENT, number):
        felt_about_me(who, Feels.YES, at(3))
    assert Residents.count(*SPAN).yes == told


# -- frozen


def begin_in(block: date) -> None:
    """Somebody was invited then, and never since."""
    (nia,), (sam,) = people(Role.RESIDENT, 1), people(Role.COACH, 1)
    invited(nia, sam, start_of(block))
    db.session.commit()


def frozen(block: date = BLOCK) -> FrozenBlock:
    return next(one for one in published(40) if one.block == block)


@pytest.mark.on_both
def test_a_block_is_frozen_fourteen_days_after_its_end_and_once(app):
    begin_in(BLOCK)
    assert (freeze(FROZEN_FROM - timedelta(days=1)), published()) == (0, [])
    assert freeze(FROZEN_FROM) == 1
    assert freeze(FROZEN_FROM) == 0
    (block,) = published()
    told = figures_of(block)
    assert block.block == BLOCK and told["reach"].invited == 1 and block.frozen_at and block.least_people == 10
    assert told["hurting"].weeks == [[None, ""]] * 4
    assert told["reach"].weeks == [[1, 500], [0, 500], [0, 500], [0, 500]]


@pytest.mark.on_both
def test_nothing_that_happens_later_changes_a_frozen_block(app):
    them = ten_residents_answer()
    begin_in(BLOCK)
    goal(them[0], at(2), True)
    assert freeze(FROZEN_FROM) == 1
    before, definitions = figures_of(frozen()), frozen().definitions
    assert before["residents"] == Residents(7, 7) and before["own_words"] == OwnWords(1, 1)
    assert before["coaches"] == Coaches(None, None)
    change_settings({"least_people": 50}, by=None)
    db.session.execute(delete(Person).where(Person.id.in_([one.id for one in them[:3]])))
    felt_about_me(them[5], Feels.NO, at(5))
    db.session.commit()
    db.session.expire_all()
    freeze(FROZEN_FROM + timedelta(days=60))
    assert (figures_of(frozen()), frozen().definitions) == (before, definitions)
    assert (frozen().least_people, frozen(BLOCK + timedelta(days=28)).least_people) == (10, 50)


@pytest.mark.on_both
def test_missed_blocks_are_caught_up_from_the_first_invitation_on(app):
    first = BLOCK - timedelta(days=56)
    begin_in(first)
    assert freeze(FROZEN_FROM) == 3
    assert [one.block for one in published()] == [first, BLOCK - timedelta(days=28), BLOCK]
    assert freeze(FROZEN_FROM + timedelta(days=27)) == 0
    assert freeze(FROZEN_FROM + timedelta(days=28)) == 1
    assert [one.block for one in published(2)] == [BLOCK, BLOCK + timedelta(days=28)]


def test_at_most_thirty_blocks_are_caught_up(app):
    begin_in(BLOCK - timedelta(days=28 * 50))
    assert freeze(FROZEN_FROM) == 30
    assert published(50)[-1].block == BLOCK and published(50)[0].block == BLOCK - timedelta(days=28 * 29)


def test_without_anybody_invited_there_is_nothing_to_freeze(app):
    assert freeze(today()) == 0


def test_the_days_work_freezes(app):
    begin_in(BLOCK)
    for _ in range(2):
        assert app.test_cli_runner().invoke(args=["daily", "--go-on"]).exit_code == 0
    count = db.session.scalar(select(func.count()).select_from(FrozenBlock))
    assert count == min(30, (block_of(today() - timedelta(days=14)) - BLOCK).days // 28)


@pytest.mark.on_both
def test_two_dailies_at_once_freeze_once(app):
    begin_in(BLOCK)

    def a_daily(_number):
        with app.app_context():
            return freeze(FROZEN_FROM + timedelta(days=28 * 7))

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(a_daily, range(2))) == 8
    assert len(published(20)) == 8
    assert _freeze(BLOCK) is False


def test_nothing_felt_is_told_of_the_running_block(app):
    with travel(at(10), tick=False):
        ten_residents_answer()
        told = running()
    assert list(told) == ["reach", "wait", "own_words", "blockers", "hurting", "goals"]
    assert told["reach"].places == 1000, "two weeks have begun"
    assert len(told["hurting"].weeks) == 4


def test_waits_of_the_running_block_are_counted_to_today(app):
    with travel(at(10), tick=False):
        waits(people(Role.RESIDENT, 1)[0], at(4))
        assert running()["wait"].longest == 6


def test_what_managers_say_shows_in_the_same_week_and_hours_wait_for_their_block(app):
    """The last four weeks, over the beginning of a block."""
    one, two, three = people(Role.COACH, 3)
    said = {"language": "en", "by_id": one.id}
    for days, hurts in ((-14, Hurts.YES), (-7, Hurts.NO), (7, Hurts.YES)):
        add(BusinessAnswer(week=on(days), hurts=hurts, words="", **said))
    for coach in (one, two, three):
        add(CoachHours(coach_id=coach.id, week=on(0), hours=9))
    with travel(at(9), tick=False):
        assert running()["hurting"] == Hurting([("yes", ""), ("no", ""), (None, ""), ("yes", "")], hours=None)
        assert running()["hurting"].told().tile == "Yes in 2 of 4 weeks"


def test_a_frozen_block_keeps_its_definitions_in_both_languages(app):
    begin_in(BLOCK)
    freeze(FROZEN_FROM)
    kept = frozen().definitions
    assert list(kept) == ["en", "cy"]
    assert kept["en"]["reach"] == [str(Reach.definition), str(Reach.cannot_tell)]
    assert set(kept["en"]) == set(kept["cy"]) == set(NUMBERS)


@pytest.mark.sqlite_only
@pytest.mark.parametrize("name", NUMBERS)
def test_each_number_says_what_it_is_and_what_it_cannot_tell(app, name):
    assert NUMBERS[name].title
    assert NUMBERS[name].definition
    assert NUMBERS[name].cannot_tell


# -- what staff tell each week


def test_a_manager_says_each_week_if_it_hurts(visit, nia, morgan):
    manager, sent = visit(morgan), {"on": "/numbers", "status": 422}
    assert "Choose no, not sure or yes." in manager.post("/numbers/weekly", words="Two were ill.", **sent).errors
    assert manager.page.value("words") == "Two were ill."
    assert manager.page.soup.select_one("details:has(> #this-week)").has_attr("open")
    page = manager.get("/numbers")
    assert "Nobody has said" in page
    for _ in range(2):
        manager.page = page
        manager.press("Save", hurts="yes", words="Two were ill.")
    assert "until Sunday" in manager.page
    assert "Yes this week" in manager.page, "it shows the same week"
    manager.press("Save", hurts="no", words="They are back.")
    assert "No this week" in manager.page
    rows = db.session.scalars(select(BusinessAnswer).order_by(BusinessAnswer.id)).all()
    assert [(one.hurts, one.words, one.week) for one in rows] == [
        (Hurts.YES, "Two were ill.", week_of(today())),
        (Hurts.NO, "They are back.", week_of(today())),
    ]
    assert running()["hurting"].weeks[-1] == ("no", "They are back.")
    manager.post("/numbers/weekly", hurts="yes", words="x" * 201, **sent)


def test_a_coach_tells_about_how_many_hours(visit, sam):
    coach, asked = visit(sam), "About how many hours did Deal take you last week?"
    assert asked in coach.get("/today") and not coach.page.soup.select("main details[open]"), "one line"
    assert "whole number from 0 to 80" in coach.press("Save", status=422, hours="81").errors
    assert coach.page.soup.select("main details[open]") and coach.page.value("hours") == "81"
    page = coach.page
    assert asked not in coach.press("Save", hours="7"), "it is answered for this week"
    coach.page = page
    coach.press("Save", hours="9")
    row = db.session.scalars(select(CoachHours)).one()
    assert (row.hours, row.coach_id, row.week) == (9, sam.id, week_of(today()) - timedelta(days=7))
    with travel(start_of(week_of(today()) + timedelta(days=7)) + timedelta(hours=9)):
        assert asked in visit(sam).get("/today")


def test_a_page_that_lay_open_into_a_new_week_asks_again(visit, sam):
    next_monday = week_of(today()) + timedelta(days=7)
    with travel(start_of(next_monday) - timedelta(minutes=10), tick=False) as clock:
        coach = visit(sam)
        coach.get("/today")
        clock.shift(timedelta(minutes=20))
        assert "A new week has begun" in coach.press("Save", status=422, hours="7").errors
        assert not db.session.scalar(select(CoachHours.id))
        coach.press("Save", hours="7")
        assert db.session.scalars(select(CoachHours)).one().week == next_monday - timedelta(days=7)


def test_coaches_are_told_who_sees_how_it_felt(visit, sam, nia):
    page = visit(sam).get(f"/residents/{nia.id}/conversations/new")
    assert "only as a figure of many, when at least 3 coaches have answered" in page


def test_a_manager_cannot_set_fewer_than_five(visit, morgan):
    manager = visit(morgan)
    manager.get("/settings")
    assert "from 5 to 100" in manager.press("Save times and limits", status=422, least_people="4").errors
    manager.press("Save times and limits", least_people="12")
    assert landlord().least_people == 12
