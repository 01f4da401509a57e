"""Each figure on random small data, against a slow plain reading of the same rows; and the rounding."""

from datetime import timedelta
from fractions import Fraction
from math import floor
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from deal.assessment.models import Assessment, Feels, FirstTalkWait, Pulse
from deal.blockers.models import Blocker, Whose
from deal.caseload.models import CoachHours
from deal.clock import day_of, start_of
from deal.conversations.models import Conversation
from deal.db import db
from deal.deals.models import Kept, Promise, PromiseWording, Side
from deal.goals.models import Goal, GoalState, State
from deal.invitations.models import Invitation
from deal.kpis.models import BusinessAnswer, Hurts
from deal.kpis.number import weeks_in
from deal.kpis.operational import Blockers, Goals, Hurting, OwnWords, Reach, Wait
from deal.kpis.sentiment import Coaches, Felt, Promises, Residents
from deal.people import Role
from deal.settings import WeeklyPlaces, change_settings
from deal.tenths import in_tenths, in_words
from tests.figures import (
    BLOCK,
    END,
    SPAN,
    add,
    at,
    blocker,
    felt,
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

pytestmark = pytest.mark.on_both

INSTANT = timedelta(microseconds=1)
EDGES = [edge + step for edge in SPAN for step in (-INSTANT, timedelta(0), INSTANT, -timedelta(hours=1))]
NUMBERS = [*range(-10, 38), *range(28), *range(28)]  # of days: most of them in the block
moments = st.one_of(
    st.sampled_from(EDGES), st.builds(at, st.sampled_from(NUMBERS), st.sampled_from([0, 0.5, 12, 23.9]))
)
maybe = st.one_of(st.none(), moments)
days = st.builds(on, st.sampled_from(NUMBERS))
weeks = st.builds(on, st.sampled_from(range(-14, 43, 7)))
who = st.integers(0, 6)  # one of seven


def rows(*columns, most=12):
    return st.lists(st.tuples(*columns), max_size=most)


def many(*columns):
    """Few or many, so that thresholds are met now and then."""
    return st.one_of(st.lists(st.tuples(*columns), max_size=8), st.lists(st.tuples(*columns), min_size=16, max_size=24))


def all_of(table):
    return db.session.scalars(select(table).order_by(table.id)).all()


def inside(moment):
    return moment is not None and SPAN[0] <= moment < SPAN[1]


def inside_day(day):
    return day is not None and BLOCK <= day < END


def slow_tenths(yes, of):
    return max(2, min(8, floor(Fraction(yes, of) * 10 + Fraction(1, 2))))


@pytest.fixture
def five(app):
    """The least threshold there is, so that small data has figures."""
    change_settings({"least_people": 5}, by=None)
    db.session.commit()


@given(
    letters=rows(who, moments, st.booleans(), maybe, maybe),
    done=rows(who, moments),
    places=rows(weeks, st.integers(0, 30)),
)
def test_reach(app, letters, done, places):
    nobody, *them = people(Role.RESIDENT, 8)
    for one, made_at, renewal, opened_at, no_thanks_at in letters:
        more = {"renewal": renewal, "opened_at": opened_at, "no_thanks_at": no_thanks_at}
        invited(them[one], nobody, made_at, **more)
    for one, when in done:
        finished(them[one], when)
    for week, number in places:
        add(WeeklyPlaces(week=week, places=number))
    sent = all_of(Invitation)

    def in_week(one, number):
        return start_of(on(7 * number)) <= one.made_at < start_of(on(7 * number + 7))

    holding = []
    for week in (on(0), on(7), on(14), on(21)):
        holding.append(max((one.week, one.id, one.places) for one in all_of(WeeklyPlaces) if one.week <= week)[2])
    new = [{one.resident_id for one in sent if in_week(one, number) and not one.renewal} for number in range(4)]
    assert Reach.count(*SPAN) == Reach(
        invited=len({one.resident_id for one in sent if inside(one.made_at) and not one.renewal}),
        places=sum(holding),
        opened=len({one.resident_id for one in sent if inside(one.opened_at)}),
        finished=len({one.resident_id for one in all_of(Assessment) if inside(one.finished_at)}),
        no_thanks=len({one.resident_id for one in sent if inside(one.no_thanks_at)}),
        weeks=[(len(them), places) for them, places in zip(new, holding, strict=True)],
    )
    db.session.rollback()


ends = st.tuples(st.sampled_from(["talked_on", "stopped_on"]), st.one_of(st.none(), days))


@given(them=rows(maybe, ends, maybe, most=9))
def test_wait(app, them):
    for one, (since, (how, day), again) in zip(people(Role.RESIDENT, 9), them, strict=False):
        waits(one, since, **{how: day})
        if how == "stopped_on" and day:
            waits(one, again)
    begun = [one for one in all_of(FirstTalkWait) if one.since]
    waited = [(one.talked_on - day_of(one.since)).days for one in begun if inside_day(one.talked_on)]
    waited = [days for days in waited if days >= 0]
    over = [(one, one.talked_on or one.stopped_on) for one in begun if one.since < SPAN[1]]
    still = [one for one, day in over if day is None or day >= END]
    longest = max(((on(27) - day_of(one.since)).days for one in still), default=None)
    assert Wait.count(*SPAN) == Wait(len(waited), median(waited) if waited else None, len(still), longest)
    db.session.rollback()


states = st.lists(st.tuples(st.sampled_from(State), moments), max_size=3)


@given(them=rows(moments, st.booleans(), states))
def test_own_words_and_goals(app, them):
    nia, *_ = people(Role.RESIDENT, 1)
    for made_at, own, turns in them:
        goal(nia, made_at, own, *turns)
    live = [one for one in all_of(Goal) if one.state is State.LIVE]
    assert OwnWords.count(*SPAN) == OwnWords(sum(one.own_words for one in live), len(live))
    turned = [one.state for one in all_of(GoalState) if inside(one.at)]
    assert Goals.count(*SPAN) == Goals(
        set=sum(inside(one.made_at) for one in all_of(Goal)),
        done=turned.count(State.REACHED),
        changed=turned.count(State.CHANGED),
        resting=turned.count(State.RESTING),
        set_aside=turned.count(State.SET_ASIDE),
    )
    db.session.rollback()


@given(
    under=st.lists(maybe, min_size=3, max_size=3),
    them=rows(maybe, maybe, st.integers(0, 3), st.sampled_from([Whose.LANDLORD, Whose.LANDLORD, Whose.SERVICE])),
)
def test_blockers(app, under, them):
    nia, *_ = people(Role.RESIDENT, 1)
    headings = [*(heading(nia, removed_at) for removed_at in under), None]
    for passed_on, gone_at, one, whose in them:
        blocker(nia, passed_on, headings[one], gone_at=gone_at, whose=whose)

    def stands_until(one):
        gone = min(filter(None, (one.gone_at, one.heading and one.heading.removed_at)), default=None)
        return max(gone, one.passed_on) if gone else None

    own = [one for one in all_of(Blocker) if one.passed_on and one.whose is Whose.LANDLORD]

    def open_at(instant):
        return [
            one for one in own if one.passed_on < instant and not (stands_until(one) and stands_until(one) < instant)
        ]

    ages = [(on(27) - day_of(one.passed_on)).days for one in open_at(SPAN[1])]
    opened, removed = sum(inside(one.passed_on) for one in own), sum(inside(stands_until(one)) for one in own)
    told = Blockers.count(*SPAN)
    assert told == Blockers(opened, removed, len(ages), max(ages, default=None))
    assert told.open == len(open_at(SPAN[0])) + opened - removed
    db.session.rollback()


hours = st.dictionaries(st.tuples(st.integers(0, 3), weeks), st.integers(0, 80), max_size=16)


@given(answers=rows(weeks, st.sampled_from(Hurts), st.sampled_from(["", "Quiet.", "Two were ill."])), hours=hours)
def test_hurting(app, answers, hours):
    them = people(Role.COACH, 4)
    for week, hurts, words in answers:
        add(BusinessAnswer(week=week, hurts=hurts, words=words, language="en", by_id=them[0].id))
    for (one, week), number in hours.items():
        add(CoachHours(coach_id=them[one].id, week=week, hours=number))
    said = {one.week: (one.hurts.value, one.words) for one in all_of(BusinessAnswer)}
    told = [[one.hours for one in all_of(CoachHours) if one.week == on(days)] for days in (0, 7, 14, 21)]
    enough = [week for week in told if len(week) >= 3]
    average = Fraction(sum(map(sum, enough)), len(enough) or 1)
    assert Hurting.count(*SPAN) == Hurting(
        weeks=[said.get(on(days), (None, "")) for days in (0, 7, 14, 21)],
        hours=floor(average + Fraction(1, 2)) if enough else None,
    )
    db.session.rollback()


feels = st.sampled_from([Feels.YES, Feels.YES, Feels.NO, Feels.NOT_SURE])
talks = many(who, st.integers(0, 3), days, moments, st.one_of(st.none(), st.tuples(feels, moments)))


@given(after_about_me=many(who, feels, moments, moments), done=rows(who, moments), talks=talks)
def test_felt_by_residents(app, five, after_about_me, done, talks):
    them, coaches = people(Role.RESIDENT, 7), people(Role.COACH, 4)
    for one, how, said_at, done_at in after_about_me:
        felt(them[one], how, said_at, done_at)
    for one, when in done:
        finished(them[one], when)
    for one, coach, day, _written, said in talks:
        talk = talked(them[one], coaches[coach], day)
        if said:
            felt_talk(talk, them[one], *said)
            felt_talk(talk, coaches[coach], Feels.NO, said[1])
    asked = {one.resident_id for one in all_of(Assessment) if inside(one.finished_at)}
    asked |= {one.resident_id for one in all_of(Conversation) if inside_day(one.talked_on)}
    theirs = [one for one in all_of(Pulse) if inside(one.at) and one.by_id == one.resident_id]
    newest = {one.by_id: one.feels for one in sorted(theirs, key=lambda one: (one.at, one.id))}
    yes = sum(how is Feels.YES for how in newest.values())
    expected = Residents(None, None)
    if len(newest) >= 5:
        response = slow_tenths(len(asked & set(newest)), len(asked)) if len(asked) >= 5 else None
        expected = Residents(slow_tenths(yes, len(newest)), response)
    assert Residents.count(*SPAN) == expected
    db.session.rollback()


@given(talks=talks)
def test_felt_by_coaches(app, five, talks):
    them, coaches = people(Role.RESIDENT, 7), people(Role.COACH, 4)
    for one, coach, day, written_at, said in talks:
        talk = talked(them[one], coaches[coach], day, written_at)
        if said:
            felt_talk(talk, coaches[coach], *said)
            felt_talk(talk, them[one], Feels.YES, said[1])
    said = [one for one in all_of(Pulse) if inside(one.at) and one.by_id != one.resident_id]
    answered = {one.conversation_id for one in said}
    asked = {one.id for one in all_of(Conversation) if inside(one.written_at)}
    expected = Coaches(None, None)
    if len(said) >= 5 and len({one.by_id for one in said}) >= 3:
        yes = sum(one.feels is Feels.YES for one in said)
        response = slow_tenths(len(answered & asked), len(asked)) if len(asked) >= 5 else None
        expected = Coaches(slow_tenths(yes, len(said)), response)
    assert Coaches.count(*SPAN) == expected
    db.session.rollback()


dues = st.lists(st.one_of(days, days, st.none()), min_size=1, max_size=2)
answers = st.lists(st.sampled_from(Kept), max_size=2)
seldom = st.sampled_from([False] * 7 + [True])


@given(made=many(who, dues, answers, seldom, seldom, seldom))
def test_promises(app, five, made):
    them, (sam,) = people(Role.RESIDENT, 7), people(Role.COACH, 1)
    for one, (due_on, *later), kept, let_go, taken_back, hers in made:
        more = {"let_go_at": at(1) if let_go else None, "side": Side.RESIDENT if hers else Side.LANDLORD}
        promise = promised(them[one], sam, due_on, *kept, **more)
        for day in later:
            wording = {"words": "the other key", "typed_by_id": sam.id, "language": "en", "due_on": day}
            promise.wordings[-1].superseded_at = at(1)
            db.session.flush()  # of two only one may hold
            promise.wordings.append(PromiseWording(**wording))
            db.session.flush()
        promise.wordings[-1].taken_back_at = at(2) if taken_back else None
    ours = [one for one in all_of(Promise) if one.side is Side.LANDLORD and not one.let_go_at]
    due = [one for one in ours if inside_day(one.current_wording.due_on) and not one.current_wording.taken_back_at]
    said = [one for one in due if one.answer and one.answer.kept is not Kept.NOT_YET]
    expected = Promises(None, None)
    if len({one.resident_id for one in said}) >= 5:
        kept = sum(one.answer.kept is Kept.YES for one in said)
        expected = Promises(slow_tenths(kept, len(said)), slow_tenths(len(said), len(due)))
    assert Promises.count(*SPAN) == expected
    db.session.rollback()


@given(of=st.integers(1, 10_000), share=st.fractions(0, 1))
def test_tenths_tell_no_count(of, share):
    yes = floor(of * share)
    tenths = in_tenths(yes, of)
    assert tenths == slow_tenths(yes, of)
    if 2 < tenths < 8:
        assert abs(Fraction(yes, of) - Fraction(tenths, 10)) <= Fraction(1, 20)


@given(of=st.integers(5, 10_000), more=st.integers(0, 10_000))
def test_a_share_never_tells_that_all_agree(app, of, more):
    """Five is the least threshold: whoever reads it cannot tell all from all but one, nor none from one."""
    assert in_tenths(of, of) == in_tenths(of - 1, of) and in_tenths(0, of) == in_tenths(1, of)
    assert in_words(in_tenths(of, of)) == "8 in 10 or more" and in_words(in_tenths(0, of)) == "2 in 10 or fewer"
    assert in_tenths(of, of + more) <= in_tenths(of, of), "nor how many were asked"


@pytest.mark.parametrize("stored", [*range(11), None])
def test_tenths_that_were_stored_finer_are_told_no_finer(app, stored):
    """A block of four weeks keeps its figures as they were worked out then, in tenths from 0 to 10."""
    told = None if stored is None else min(max(stored, 2), 8)
    assert Felt(stored, stored) == Felt(told, told) and (Felt(stored, 5).yes, Felt(5, stored).answered) == (told, told)


def test_tenths_at_their_edges():
    assert [in_tenths(*pair) for pair in ((0, 10), (2, 10), (24, 100), (25, 100), (74, 100), (75, 100))] == [
        2,
        2,
        2,
        3,
        7,
        8,
    ]
    assert [in_tenths(*pair) for pair in ((3, 20), (17, 20), (1, 2), (7, 8))] == [2, 8, 5, 8]


def test_the_block_has_weeks_of_the_landlords_clock(app):
    """The clocks go back on 26 October: the week is 169 hours long, and Mondays stay Mondays."""
    assert weeks_in(*SPAN) == [on(0), on(7), on(14), on(21)]
    assert start_of(on(28)) - start_of(on(0)) == timedelta(days=28)  # on the landlord's clock
    assert SPAN[1].timestamp() - SPAN[0].timestamp() == (28 * 24 + 1) * 3600
