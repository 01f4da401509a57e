"""Morgan's Monday: what to unblock, the numbers of four weeks, the sheet, the files; and Sam, who may read along."""

import copy
import csv
import io
import random
import re
from dataclasses import asdict
from datetime import date, timedelta

import flask_babel
import hypothesis.strategies as st
import pytest
import time_machine
from hypothesis import given
from pypdf import PdfReader
from sqlalchemy import insert, select, text

from deal.assessment.models import Feels, Pulse
from deal.auth.models import SignIn
from deal.blockers.models import Blocker, Whose
from deal.charts import sparkline
from deal.clock import now, today
from deal.contact.models import Ending, Standing
from deal.db import db
from deal.deals.models import Kept, KeptAnswer
from deal.goals.models import SharedGoal
from deal.invitations.models import Invitation
from deal.kpis.exports import plain
from deal.kpis.manager_actions import this_week
from deal.kpis.models import BusinessAnswer, FrozenBlock, Hurts
from deal.kpis.operational import Blockers, Goals, Hurting, OwnWords, Reach, Wait
from deal.kpis.sentiment import Felt
from deal.kpis.snapshots import BLOCK, NUMBERS, freeze
from deal.manager_requests.models import ManagerRequest, RequestKind
from deal.people import Assignment, Person, Role
from deal.printing import pdf
from deal.settings import ConfirmedSentence, change_settings, landlord
from tests.people import (
    finish_about_me,
    invite,
    keep,
    make_blocker,
    make_coach,
    make_goal,
    make_heading,
    make_promise,
    make_resident,
    make_talk,
    pass_on,
)
from tests.test_kpi_plans import heard, read_through

BEGUN = date(2026, 2, 23)  # a Monday on which four weeks begin
MONDAY = BEGUN + 8 * BLOCK  # and the page is opened, 224 days later
FELT = {"residents": "Feels right to residents", "coaches": "Feels right to coaches", "promises": "Promises kept"}
ALLOWED = r"about [3-7] in 10|2 in 10 or fewer|8 in 10 or more|Too few answered to show a figure\.|[Tt]oo few answered"


@pytest.fixture
def monday():
    with time_machine.travel(f"{MONDAY}T09:00:00+01:00", tick=False):
        yield


def make_block(block: date, **changes) -> FrozenBlock:
    """A block as it was published, with figures that differ from each other."""
    figures = {
        "reach": Reach(62, 72, 50, 41, 3),
        "wait": Wait(40, 3.5, 4, 8),
        "residents": Felt(8, 10),
        "coaches": Felt(None, None),
        "own_words": OwnWords(88, 112),
        "promises": Felt(0, 6),
        "blockers": Blockers(5, 7, 9, 44),
        "hurting": Hurting([("no", ""), ("not-sure", "The rota has a hole."), (None, ""), ("yes", "")], 36),
        "goals": Goals(51, 27, 6, 2, 1),
    } | changes
    kept = {name: asdict(figure) for name, figure in figures.items()}
    definitions = {"en": {"reach": ["Reach, as it was published.", "What it could not tell then."]}}
    return keep(FrozenBlock(block=block, figures=kept, definitions=definitions, least_people=10))


def tile(page, name: str) -> str:
    """What one tile says, without what is folded, and without its picture."""
    card = copy.copy(page.soup.select_one(f'main [data-number="{name}"]'))
    for part in card.select("svg, details"):
        part.extract()
    return " ".join(card.get_text(" ").split())


def picture(page, name: str) -> str:
    """The sparkline in words."""
    return page.soup.select_one(f'main [data-number="{name}"] svg title').get_text()


def folded(page, name: str) -> str:
    """What stands behind "What is this?"."""
    return " ".join(page.soup.select_one(f'main [data-number="{name}"] details').get_text(" ").split())


# -- the page


def test_it_begins_with_what_to_unblock(visit, nia, sam, joe, morgan):
    late, left = make_heading(morgan, "Keys"), make_heading(morgan, "Forms")
    late.owner_id, late.due_on = sam.id, today() - timedelta(days=1)
    left.owner_id, left.due_on, joe.closes_at = joe.id, today(), now()
    answered = make_heading(morgan, "Lights", change="We changed it.")
    answered.owner_id, answered.due_on = joe.id, today() - timedelta(days=9)
    pass_on(make_blocker(nia), "Nobody has the key.")
    db.session.commit()
    manager = visit(morgan)
    page = manager.get("/numbers")
    shown = [" ".join(one.get_text(" ").split()) for one in page.soup.select(".deal-unblock > li")]
    assert shown[:3] == [
        "1 thing that gets in residents' way has no owner and no answer.",
        "Whoever looked after 1 heading has left.",
        "The day of 1 heading is over, without an answer.",
    ]
    assert all(one.a for one in page.soup.select(".deal-unblock > li")), "each leads to where it is done"
    headings = [one.get_text() for one in page.soup.select("h2")]
    two = ["Does it feel right to residents?", "Is it hurting the business?"]
    assert headings[:3] == [*two, "To unblock this week"], "the page does not begin with a number"
    manager.click("Say for this week: is it hurting the business?")
    manager.press("Save", hurts="no")
    assert "Say for this week" not in manager.get("/numbers")


def test_a_long_wait_leads_to_how_many_wait_for_whom(visit, sam, joe, morgan):
    """Sam has three people of whom two wait, the longest for 9 days; Joe has nobody. Nobody's name."""
    for days, name in ((9, "Ann"), (5, "Emyr"), (4, "Cai")):
        with time_machine.travel(now() - timedelta(days=days), tick=False):
            who = make_resident(name, sam)
            finish_about_me(who)
    make_talk(who, sam)
    manager = visit(morgan)
    manager.get("/numbers")
    page = manager.click("Somebody has waited 9 days for a talk. We say: 3.")
    rows = [
        [" ".join(one.get_text(" ").split()) for one in row.select("th, td")] for row in page.soup.select("tbody tr")
    ]
    assert rows == [["Joe Coach", "0", "0", "–", "–"], ["Morgan Manager", ""], ["Sam Coach", "3", "2", "9 days", "–"]]
    assert not [name for name in ("Ann", "Emyr", "Cai") if name in page.html]
    page = manager.click("Sam")
    assert "Sam coaches 3 people. 2 of them wait for a first talk. The longest wait: 9 days." in page


def test_nothing_stands_in_the_way(visit, nia, morgan):
    change_settings({"danger": "Ring 999"}, by=None)
    db.session.commit()
    manager = visit(morgan)
    manager.post("/numbers/weekly", on="/numbers", hurts="no")
    assert "Nothing this week." in manager.get("/numbers")


def test_before_the_first_four_weeks_only_what_stands_now_is_shown(visit, nia, sam, morgan, monday):
    invite("Mo", sam)
    page = visit(morgan).get("/numbers")
    assert "First figures on 16 November." in page, "Monday 5 October, four weeks and a fortnight"
    assert [one["data-number"] for one in page.soup.select(".deal-tile")] == [
        "wait",
        "own_words",
        "blockers",
        "hurting",
    ]
    assert "Nobody knows yet" in page and "Nobody has said" in page
    assert "First figures on 16 November." in visit(sam).get("/numbers")


# -- the first steps


def test_first_steps_lead_to_each_thing_and_go_when_somebody_is_invited(visit, morgan):
    db.session.execute(ConfirmedSentence.__table__.delete())
    db.session.commit()
    manager = visit(morgan)
    page = manager.get("/numbers")
    steps = [" ".join(one.get_text(" ").split()) for one in page.soup.select(".deal-first-steps li")]
    assert steps[0] == "Letters say http://deal.test. Is that right? Done" and len(steps) == 8
    assert steps[2] == "Confirm the promise to residents" and "Done" not in steps[4]
    assert not page.soup.select(".deal-tile, .deal-unblock") and "First figures on" in page
    page = manager.click("Confirm the promise to residents")
    assert page.soup.select_one("details:has(> #section-promise)").has_attr("open")
    manager.get("/numbers")
    page = manager.click("Add the first coach, and send them their link")
    assert page.soup.select_one("details:has(> #new)").has_attr("open")
    fields = {"name": "Sam", "email": "sam@bryn.example", "phone": "01632 960123"}
    page = manager.press("Add and make a link", status=200, **fields)
    link = page.soup.select_one(".deal-link").get_text()
    assert page.soup.select_one("[data-copy]")["data-copy"] == link
    steps = [one.get_text() for one in manager.get("/numbers").soup.select(".deal-first-steps li")]
    assert "Done" in steps[5]
    invite("Nia", db.session.scalars(db.select(Person).filter_by(role=Role.COACH)).one())
    page = manager.get("/numbers")
    assert "First steps" not in page and "Confirm the promise to residents: no invitation can be made before." in page


@pytest.mark.parametrize("address", ["http://127.0.0.1:8000", "http://localhost", "http://[::1]:80"])
def test_letters_that_would_lead_nowhere(app, visit, morgan, address):
    app.config["PUBLIC_URL"] = address
    manager = visit(morgan)
    page = manager.get("/numbers")
    assert f"Letters would say {address}, which no phone can reach." in page
    assert "No phone can reach that." in manager.click(page.soup.select_one(".deal-first-steps a").get_text())
    make_resident("Nia", make_coach("Sam"))
    assert "Letters lead to an address that no phone can reach." in manager.get("/numbers")
    change_settings({"demonstration": {"seed": 1}}, by=None)
    db.session.commit()
    assert "no phone can reach" not in manager.get("/numbers"), "a demonstration is for this machine"


@pytest.mark.sqlite_only
def test_a_letter_to_nobody_to_try_the_address(visit, morgan):
    manager = visit(morgan)
    manager.get("/numbers")
    text_of = (
        PdfReader(io.BytesIO(manager.click("Print a letter for nobody, and try it").answer.data))
        .pages[0]
        .extract_text()
    )
    assert "Nobody" in text_of and "deal.test" in text_of
    assert db.session.scalars(select(Invitation)).all() == []


@pytest.mark.on_both
def test_four_weeks_as_they_were_published(visit, morgan, monday):
    make_block(MONDAY - 3 * BLOCK, reach=Reach(10, 60, 1, 1, 0), promises=Felt(10, 9), wait=Wait(0, None, 0, None))
    make_block(MONDAY - 2 * BLOCK)
    page = visit(morgan).get("/numbers")
    assert tile(page, "reach") == "Reach 62 invited, room for 72 to 6 Sep · 52 more than before"
    assert picture(page, "reach") == "Reach: 9 Aug: 10 invited, room for 60; 6 Sep: 62 invited, room for 72"
    told = folded(page, "reach")
    assert "Reach, as it was published." in told and "What it could not tell then." in told
    assert "Four weeks to Sunday 6 September 2026" in told and "Opened their letter: 50 Finished About me: 41" in told
    assert "Days, median: 3.5 First conversations: 40 Waiting: 4 Longest wait, in days: 8" in folded(page, "wait")
    assert tile(page, "residents") == f"{FELT['residents']} 8 in 10 or more to 6 Sep · as before"
    assert "Answered, of those asked: 8 in 10 or more" in folded(page, "residents")
    assert tile(page, "coaches") == f"{FELT['coaches']} Too few answered to 6 Sep"
    assert tile(page, "promises") == f"{FELT['promises']} 2 in 10 or fewer to 6 Sep · fewer than before"
    assert picture(page, "promises") == f"{FELT['promises']}: 9 Aug: 8 in 10 or more; 6 Sep: 2 in 10 or fewer"
    assert "no, not sure, not answered, yes Hours a week, all coaches together: 36" in folded(page, "hurting")
    assert "Set: 51 Done: 27 Changed: 6 Resting: 2 Set aside: 1" in page


def test_what_stands_is_shown_as_it_stands_today(visit, nia, sam, morgan, monday):
    """Published: nobody waits any more, 88 of 112 goals, 9 blockers. Today one waits for 7 days; 1 goal; 1 blocker."""
    make_block(MONDAY - 2 * BLOCK, wait=Wait(40, 3.5, 0, None)).frozen_at = now() - timedelta(days=14)
    with time_machine.travel(now() - timedelta(days=7), tick=False):
        finish_about_me(nia)
    make_goal(nia, "a bike", typed_by=sam)
    pass_on(make_blocker(nia))
    db.session.commit()
    page = visit(morgan).get("/numbers")
    assert tile(page, "wait") == "Wait Waiting: 1. Longest: 7 days on 5 Oct · 7 days longer than before"
    assert tile(page, "own_words") == "Own words 0 of 1 on 5 Oct · 88 fewer than before"
    assert picture(page, "own_words") == "Own words: 21 Sep: 88 of 112; 5 Oct: 0 of 1", "each as of its day"
    assert tile(page, "blockers") == "Blockers 1 open on 5 Oct · 8 fewer than before"
    assert str(OwnWords.definition) in folded(page, "own_words"), "what is counted today is defined as today"


def test_the_two_answers_in_words_with_the_last_three_blocks(visit, nia, morgan, monday):
    for back, yes, hurts in ((5, 8, "no"), (4, 5, "no"), (3, None, "yes"), (2, 3, "not-sure")):
        make_block(MONDAY - back * BLOCK, residents=Felt(yes, yes), hurting=Hurting([(hurts, "")] * 4, None))
    manager = visit(morgan)
    right, hurting = manager.get("/numbers").soup.select(".deal-answer")
    assert right.select_one(".deal-answer__words").get_text() == "Mostly not"
    assert [one.get_text() for one in right.select("li")] == [
        "to 6 Sep: about 3 in 10",
        "to 9 Aug: too few answered",
        "to 12 Jul: about 5 in 10",
    ]
    assert hurting.select_one(".deal-answer__words").get_text() == "Nobody has said"
    assert [one.get_text() for one in hurting.select("li")] == [
        "to 6 Sep: yes in 0 weeks",
        "to 9 Aug: yes in 4 weeks",
        "to 12 Jul: yes in 0 weeks",
    ]
    keep(BusinessAnswer(week=MONDAY - timedelta(days=14), hurts=Hurts.YES, words="", language="en", by_id=morgan.id))
    assert "Yes in the week from 21 Sep" in manager.get("/numbers")


@pytest.mark.parametrize("name", [name for name in NUMBERS if name != "goals"])
def test_the_page_says_what_each_number_is_in_the_words_of_its_definition(visit, nia, morgan, monday, name):
    make_block(MONDAY - 2 * BLOCK).definitions = {}
    db.session.commit()
    told = folded(visit(morgan).get("/numbers"), name)
    assert str(NUMBERS[name].definition) in told and str(NUMBERS[name].cannot_tell) in told


def test_bars_by_hand():
    """Of 32 high: 10 and 62 of a room for 72; nothing where there is no figure, and a line for none."""
    drawn = sparkline([(10, 60), (None, None), (0, 60), (62, 72)])
    assert [(one.x, one.y, one.height) for one in drawn] == [(0, 27.6, 4.4), (48, 31, 1), (72, 4.4, 27.6)]
    assert sparkline([(0, None)])[0].height == 1 and sparkline([]) == []


@pytest.mark.parametrize(
    ("finer", "coarse", "hours"),
    [((10, 9), (8, 8), (0, 4)), pytest.param((0, 1), (2, 2), (1, 3), marks=pytest.mark.slow)],
)
def test_what_was_frozen_finer_is_told_no_finer(visit, morgan, monday, finer, coarse, hours):
    """Neither words, marks, heights of bars, the sheet nor the file tell what a block's own row still knows."""
    said = []
    for shares, told in zip((finer, coarse), hours, strict=True):
        block = make_block(MONDAY - 2 * BLOCK)
        felt = {"yes": shares[0], "answered": shares[1]}
        hurting = {"weeks": [["no", ""]] * 4, "hours": told}
        block.figures = block.figures | dict.fromkeys(("residents", "coaches", "promises"), felt) | {"hurting": hurting}
        db.session.commit()
        manager = visit(morgan)
        page = manager.get("/numbers")
        cards = [str(page.soup.select_one(f'main [data-number="{name}"]')) for name in (*FELT, "hurting")]
        said.append((cards, sheet_text(manager), rows(manager.get("/numbers/blocks.csv"))))
        db.session.delete(block)
        db.session.commit()
    assert said[0] == said[1]
    assert "fewer than 5" in said[0][0][-1]


def test_only_the_last_six_are_drawn(visit, morgan, monday):
    for back in range(2, 10):
        make_block(MONDAY - back * BLOCK)
    page = visit(morgan).get("/numbers")
    for name in FELT:
        assert picture(page, name).count("; ") == 5
    assert picture(page, "wait").count("; ") == 5 and picture(page, "wait").endswith("5 Oct: Nobody waits")


@pytest.mark.on_both
def test_the_running_weeks_stand_apart_and_were_worked_out_by_hand(visit, morgan, sam):
    """Ann waited 1 day and talked; Emyr waits for 4 days, Cai for 10. Two of three live goals are in own words."""
    wednesday, people = date(2026, 10, 28), {}
    for days, name in ((1, "Ann"), (4, "Emyr"), (10, "Cai")):
        with time_machine.travel(f"{wednesday - timedelta(days=days)}T12:00:00+00:00", tick=False):
            people[name] = make_resident(name, sam)
            finish_about_me(people[name])
    with time_machine.travel(f"{wednesday}T12:00:00+00:00", tick=False):
        make_talk(people["Ann"], sam)
        make_goal(people["Ann"], "a")
        make_goal(people["Ann"], "b", typed_by=sam)
        make_goal(people["Emyr"], "c", typed_by=sam, read_back_at=now())
        reached = make_goal(people["Cai"], "d")
        visit(people["Cai"]).post(f"/residents/{people['Cai'].id}/goals/{reached.id}/state", state="reached")
        pass_on(make_blocker(people["Ann"]), days_ago=3)
        invite("Dee", sam)
        alone = make_resident("Eve", sam)
        db.session.scalars(select(Assignment).filter_by(resident_id=alone.id)).one().until = now()
        db.session.commit()
        page = visit(morgan).get("/numbers")
    apart = " ".join(page.soup.select_one(".deal-so-far").get_text(" ").split())
    assert apart.startswith("From Monday 5 October 2026 Reach 5 of 2000 ")
    assert "Opened their letter: 4 Finished About me: 3 Said no thanks: 0" in apart
    assert "Wait 1 day First conversations: 1 Waiting: 2 Longest wait, in days: 10" in apart
    assert "Own words 2 of 3" in apart and "Blockers 1 open Opened: 1 Removed: 0" in apart
    assert "Goals Set: 4 Done: 1 Changed: 0 Resting: 0 Set aside: 0" in apart
    assert "is shown when the four weeks are over, if at least 10 people answered." in apart
    assert "in 10" not in apart and not [title for title in FELT.values() if title in apart]
    assert "1 person has no coach." in page and "waited 10 days" in page
    assert tile(page, "wait").startswith("Wait Waiting: 2. Longest: 10 days on 28 Oct")
    for name in ("Ann", "Emyr", "Cai", "Dee", "Eve", "Sam"):
        assert name not in page.text


def test_a_coach_reads_it_without_the_board(visit, nia, sam, morgan, monday):
    pass_on(make_blocker(nia), "Nobody has the key.")
    make_block(MONDAY - 2 * BLOCK)
    coach = visit(sam)
    coach.get("/today")
    page = coach.click("Numbers")
    assert (page.status, page.soup.h1.get_text()) == (200, "The numbers")
    for part in ("To unblock", "no owner and no answer", "PDF", "CSV", "Say it for this week"):
        assert part not in page
    assert tile(page, "reach") == tile(visit(morgan).get("/numbers"), "reach")
    for file in ("sheet.pdf", "blocks.csv", "changes.csv"):
        coach.get(f"/numbers/{file}", status=404)
    for path in ("/numbers", "/numbers/sheet.pdf", "/numbers/blocks.csv", "/numbers/changes.csv"):
        visit(nia).get(path, status=404)


@pytest.mark.sqlite_only
def test_in_welsh(visit, morgan, monday):
    change_settings({"welsh_checked_by": "Eleri Pugh", "service_name": {"cy": "Our Deal"}}, by=None)
    db.session.commit()
    make_block(MONDAY - 2 * BLOCK)
    manager = visit(morgan)
    assert manager.get("/language/cy?next=/numbers").soup.html["lang"] == "cy"
    assert "6 Medi" in manager.page
    assert reader(manager.get("/numbers/sheet.pdf")).trailer["/Root"]["/Lang"] == "cy"
    assert "2026-08-10" in manager.get("/numbers/blocks.csv").answer.text


# -- the sheet


def reader(page) -> PdfReader:
    return PdfReader(io.BytesIO(page.answer.data))


def sheet_text(manager) -> str:
    """All that one sheet says; it is one."""
    paper = reader(manager.get("/numbers/sheet.pdf"))
    assert len(paper.pages) == 1
    return " ".join(paper.pages[0].extract_text().split())


def test_one_sheet_with_nothing_on_it_yet(visit, morgan):
    text_of = sheet_text(visit(morgan))
    assert text_of.index("To unblock") < text_of.index("What we will count") < text_of.index("These four weeks so far")
    assert "First figures on" in text_of and "Nobody knows yet" in text_of


@pytest.mark.sqlite_only
def test_one_tagged_sheet_with_everything_on_it(visit, nia, morgan, monday):
    fill_the_sheet(nia, morgan)
    manager = visit(morgan)
    said = sheet_text(manager)
    assert "62 of 72" in said and "10 Aug: 62 of 72" in said and "2 in 10 or fewer" in said
    assert re.search("and [2-5] more", said)
    paper = reader(manager.page)
    root = paper.trailer["/Root"]
    assert (root["/Lang"], root["/MarkInfo"]["/Marked"]) == ("en", True)
    assert b"pdfuaid:part" in root["/Metadata"].get_object().get_data()
    assert paper.metadata.title == "This week, and the numbers of four weeks"
    assert manager.page.answer.headers["Content-Disposition"] == f'inline; filename="four-weeks-{MONDAY}.pdf"'


@pytest.mark.slow
def test_last_months_report_printed_again_is_the_same(visit, sam, nia, morgan, monday):
    """Though newer weeks are published, something stands in the way now, and the words on it are others."""
    for back in (4, 3):
        make_block(MONDAY - back * BLOCK, reach=Reach(60 + back, 72, 50, 41, 3))
    manager, first = visit(morgan), MONDAY - 3 * BLOCK
    before = " ".join(reader(manager.get(f"/numbers/sheet.pdf?block={first}")).pages[0].extract_text().split())
    assert "63 of 72" in before and "15 Jun: 64 of 72" in before and "Reach, as it was published." in before
    assert "To unblock" not in before and "so far" not in before and "from Monday 13 July 2026" in before
    newer = make_block(MONDAY - 2 * BLOCK)
    newer.definitions = {}
    pass_on(make_blocker(nia))
    change_settings({"least_people": 50}, by=None)
    with time_machine.travel(now() + timedelta(days=9), tick=False):
        page = visit(morgan).get("/numbers")
        sheet = page.soup.find("a", href=f"/numbers/sheet.pdf?block={first}")
        assert "13 July 2026" in sheet.get_text()
        paper = reader(visit(morgan).get(sheet["href"]))
        assert len(paper.pages) == 1
        assert " ".join(paper.pages[0].extract_text().split()) == before
    assert "sheet.pdf?block" not in visit(sam).get("/numbers").html
    for wrong in (MONDAY, first + timedelta(days=7), "2026-13-01", "x", ""):
        manager.get(f"/numbers/sheet.pdf?block={wrong}", status=404)


def test_reach_week_by_week(visit, morgan, monday):
    make_block(MONDAY - 2 * BLOCK, reach=Reach(62, 72, 50, 41, 3, [(15, 18), (18, 18), (11, 18), (18, 18)]))
    page = visit(morgan).get("/numbers")
    assert "Week by week: 15 of 18, 18 of 18, 11 of 18, 18 of 18" in folded(page, "reach")


class Longer:
    """A language that says everything at half as much length again."""

    def gettext(self, message):
        return message + " " + "gair " * (len(message) // 10) if len(message) > 9 else message

    ugettext = gettext

    def ngettext(self, one, many, count):
        return self.gettext(one if count == 1 else many)

    ungettext = ngettext

    def upgettext(self, context, message):
        return self.gettext(message)


@pytest.mark.slow
@pytest.mark.sqlite_only
def test_one_sheet_in_a_language_that_is_half_as_long_again(visit, nia, morgan, monday, monkeypatch):
    fill_the_sheet(nia, morgan)
    monkeypatch.setattr(flask_babel.Domain, "get_translations", lambda self: Longer())
    said = sheet_text(visit(morgan))
    assert "gair" in said and "62" in said


def fill_the_sheet(nia, morgan) -> None:
    """Six blocks, a long name, long sentences, and everything to unblock."""
    goal = make_goal(nia, "to sing in a choir, loudly, " * 40)
    keep(SharedGoal(goal_id=goal.id, resident_id=nia.id, wording_id=goal.current_wording.id, named=True))
    long = {"organisation": "Cymdeithas Tai Gorllewin a Dwyrain y Cymoedd " * 4, "phone": "", "danger": ""}
    change_settings(long, by=None)
    pass_on(make_blocker(nia))
    left = make_heading(morgan, "Forms")
    gone = make_coach("Gone")
    left.owner_id, left.due_on, gone.closes_at = gone.id, today() - timedelta(days=1), now()
    db.session.scalars(select(Assignment).filter_by(resident_id=nia.id)).one().until = now()
    db.session.execute(ConfirmedSentence.__table__.delete())
    weeks = [("not-sure", "Nothing is easy on a Monday. " * 7)] * 4
    definitions = None
    for back in range(2, 9):
        row = make_block(MONDAY - back * BLOCK, hurting=Hurting(weeks, 36), coaches=Felt(10, 10))
        row.definitions = definitions or {}
    db.session.commit()


def test_without_pango_the_page_says_what_to_do(visit, morgan, monkeypatch):
    def lacking():
        raise pdf.CannotPrint(pdf.WHAT_IS_MISSING)

    monkeypatch.setattr(pdf, "_kit", lacking)
    assert "apt install libpango-1.0-0" in visit(morgan).get("/numbers/sheet.pdf", status=503)


# -- the files


def rows(page) -> list[list[str]]:
    """A file as a spreadsheet reads it."""
    assert page.answer.mimetype == "text/csv" and page.answer.data.startswith("\ufeff".encode())
    return list(csv.reader(io.StringIO(page.answer.data.decode("utf-8-sig"), newline="")))


def test_a_file_of_every_published_block(visit, morgan, monday):
    for back in range(2, 10):
        make_block(MONDAY - back * BLOCK)
    head, *told = rows(visit(morgan).get("/numbers/blocks.csv"))
    assert head[:5] == ["First day", "Last day", "Number", "Figure", "Value"]
    assert len({row[0] for row in told}) == 8
    first = str(MONDAY - 9 * BLOCK)
    assert [first, str(MONDAY - 8 * BLOCK - timedelta(days=1)), "Reach", "Invited", "62"] == told[5][:5]
    assert told[5][5:] == ["Reach, as it was published.", "What it could not tell then."]
    felt = {(row[2], row[4]) for row in told if row[2] in FELT.values()}
    assert (FELT["promises"], "2 in 10 or fewer") in felt


def test_a_file_of_what_was_changed(visit, morgan):
    make_heading(morgan, "=cmd|'/c calc'!A1", change='+44 is rung now,\nand "answered"')
    make_heading(morgan, "Keys", change="Not yet.", done=False)
    make_heading(morgan, "Nothing yet")
    manager = visit(morgan)
    head, *told = rows(manager.get("/numbers/changes.csv"))
    assert head == ["You said", "Changed", "What we did, or why not", "Day"]
    assert told == [
        ["'=cmd|'/c calc'!A1", "yes", '\'+44 is rung now,\nand "answered"', str(today())],
        ["Keys", "no", "Not yet.", str(today())],
    ]
    for number_of in range(300):
        make_heading(morgan, f"Heading {number_of}", change="Done.")
    assert len(rows(manager.get("/numbers/changes.csv"))) == 303


SIGNS = st.text(
    st.sampled_from("=+-@\t\r\n＝＋－＠﹦ \u00a0\u3000\u200b\ufeff\u202e−a1'\"")
    | st.characters(exclude_categories=["Cs"])
)


@given(SIGNS)
def test_no_cell_is_a_formula(words):
    cell = plain(words)
    assert cell in (words, f"'{words}")
    seen = cell.lstrip("".join(map(chr, range(33))) + "\u00a0\u3000\u200b\ufeff\u202e")
    assert not seen.startswith(tuple("=+-@＝＋－＠﹦")) and not cell.startswith(("\t", "\r", "\n"))
    line = io.StringIO(newline="")
    csv.writer(line, quoting=csv.QUOTE_NONNUMERIC).writerow([cell, 7])
    assert next(csv.reader(io.StringIO(line.getvalue(), newline=""))) == [cell, "7"]


VALUES = [
    "1/2", "00123", "1e5", "MAR1", "Sept 2", "3 Mai", "Dydd Iau 3", "=1+1", "+44 1632 960123", "-5", "(5)", "50%",
    "£20", "1,000", "10:30", "10am", "2026-05-03", "3.5.26", "1234567890123456789", "½", "٣", "TRUE", "false",
    "1 st May",
]  # fmt: skip
WORDS = ["8 in 10", "7 of 3", "Lift 2 is broken", "may", "May I?", "–", "", "yes", "O'Brien", "2 lifts", "ŵ", "’tis"]


@pytest.mark.parametrize("words", VALUES)
def test_what_a_spreadsheet_would_make_something_else_of_stays_text(words):
    assert plain(words) == f"'{words}"


@pytest.mark.parametrize("words", WORDS)
def test_plain_words_stay_as_they_are(words):
    assert plain(words) == words


def test_our_own_days_and_numbers_stay_what_they_are():
    assert [plain(cell) for cell in (today(), 7, 0.5, None)] == [today(), 7, 0.5, None]


@given(st.integers() | st.floats(allow_nan=False) | st.none())
def test_a_number_stays_one(value):
    assert plain(value) is value


# -- what people said or felt: only the rounded figures, wherever one looks


def make_four_weeks(chance: random.Random) -> None:
    """A small landlord's month: some answer, some do not."""
    coaches = [make_coach(f"Coach {one}") for one in range(chance.choice((1, 3, 4)))]
    for one in range(chance.choice((3, 9, 10, 11, 14))):
        coach = chance.choice(coaches)
        resident = make_resident(f"Person {one}", coach)
        about_me, talk = finish_about_me(resident), make_talk(resident, coach)
        if chance.random() < 0.9:
            theirs = {"resident_id": resident.id, "by_id": resident.id}
            keep(Pulse(assessment_id=about_me.id, feels=chance.choice(list(Feels)), **theirs))
        if chance.random() < 0.9:
            feels = chance.choice((Feels.YES, Feels.YES, Feels.NO))
            keep(Pulse(resident_id=resident.id, conversation_id=talk.id, by_id=coach.id, feels=feels))
        for _ in range(chance.randrange(3)):
            promise = make_promise(resident, by=coach)
            if chance.random() < 0.8:
                keep(KeptAnswer(promise_id=promise.id, kept=chance.choice((Kept.YES, Kept.YES, Kept.NO))))


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 6))])
def test_no_page_and_no_file_holds_a_felt_number_but_the_rounded_ones(visit, sam, morgan, seed):
    chance = random.Random(seed)
    with time_machine.travel(f"{BEGUN + timedelta(days=9)}T12:00:00+00:00", tick=False):
        make_four_weeks(chance)
    with time_machine.travel(f"{BEGUN + BLOCK + timedelta(days=15)}T12:00:00+00:00", tick=False):
        assert freeze(today()) == 1
        manager = visit(morgan)
        pages = [manager.get("/numbers"), visit(sam).get("/numbers")]
        told = rows(manager.get("/numbers/blocks.csv"))
        paper = sheet_text(manager)
    for page in pages:
        assert "%" not in page.text
        for name in FELT:
            parts = page.soup.select_one(f'main [data-number="{name}"] .deal-parts')
            assert_only_rounded(f"{tile(page, name)} {picture(page, name)} {parts.get_text(' ')}")
    for row in told[1:]:
        if row[2] in FELT.values():
            assert re.fullmatch(ALLOWED, row[4]), row
    titles = [*FELT.values(), "Own words", "Blockers"]
    for title, after in ((titles[0], titles[1]), (titles[1], titles[3]), (titles[2], titles[4])):
        stretch = paper[paper.index(title) : paper.index(after, paper.index(title))]
        leftover = re.sub(rf"{ALLOWED}|23 Feb|at least 3 coaches", "", stretch)
        assert not re.search(r"\d\d|\d of|%", leftover), stretch


def assert_only_rounded(told: str) -> None:
    """Nothing but the allowed phrases and days."""
    leftover = re.sub(rf"{ALLOWED}|22 Mar", "", told)
    assert not re.search(r"\d", leftover), told


# -- what the database reads


def test_no_table_that_grows_with_residents_is_read_through(sqlite):
    """The same with many rows on PostgreSQL is slow, and below."""
    with sqlite.app_context(), sqlite.test_request_context():
        landlord()
        with heard() as statements:
            this_week(None)
        assert [read_through(*one) for one in statements] == [{"confirmed_sentence"}]


@pytest.mark.slow
@pytest.mark.on_both
def test_twenty_thousand_residents_are_not_read_through(app, sam):
    coaches = [make_coach(f"Coach {one}").id for one in range(40)]
    for first in range(1_000, 21_000, 1_000):
        numbers, at = range(first, first + 1_000), now()
        person = {"role": Role.RESIDENT, "name": "N", "name_key": "n", "made_at": at, "label": "", "label_key": ""}
        blank = {"phone": "", "languages": "", "about": "", "secret_hash": "x" * 97}
        coaching = {"since": at, "cover": False}
        ours = {"whose": Whose.LANDLORD, "language": "en", "by_id": sam.id, "opened_at": at, "passed_on": at}
        every = [(number, {"answered_at": None if number % 500 == 0 else at}) for number in numbers]
        db.session.execute(
            insert(Person), [{"id": one, "sign_in_name": f"{one:08}", **person, **blank} for one in numbers]
        )
        coached = [
            {"resident_id": one, "coach_id": coaches[one % 40], "until": None if one % 500 else at, **coaching}
            for one in numbers
        ]
        db.session.execute(insert(Assignment), coached)
        db.session.execute(
            insert(Blocker), [{"resident_id": one, "gone_at": at if one % 500 else None, **ours} for one in numbers]
        )
        gone = {"standing": Standing.MOVED, "by_id": sam.id, "at": at}
        db.session.execute(insert(Ending), [{"resident_id": one, **gone} for one in numbers if one % 5 == 0])
        letter = {"made_by_id": sam.id, "made_at": at, "renewal": False, "by_hand": False}
        letters = [{"resident_id": one, "code_hash": f"{one:064}", **letter} for one in numbers if one % 5 == 0]
        db.session.execute(insert(Invitation), letters)
        signed_in = [{"person_id": one, "began_at": at, "runs_out_at": at} for one in numbers if one % 5 == 0]
        db.session.execute(insert(SignIn), signed_in)
        ask = {"kind": RequestKind.SOMETHING_WRONG, "language": "en", "at": at}
        db.session.execute(insert(ManagerRequest), [{"resident_id": one, **ask, **answered} for one, answered in every])
    db.session.commit()
    db.session.remove()
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE" if db.engine.dialect.name == "postgresql" else "ANALYZE"))
    with app.test_request_context():
        landlord()
        with heard() as statements:
            found = [one.sentence for one in this_week(None).unblock or ()]
    assert "40 people have no coach." in found and "40 residents ask you for something." in found
    assert found[0].startswith("40 things that get in residents' way")
    assert [read_through(*one) for one in statements] == [{"confirmed_sentence"}]


@pytest.mark.sqlite_only
def test_the_sheet_shows_the_goal_that_may_be_shown_and_stays_one(visit, nia, morgan):
    goal = make_goal(nia, "to sing in a choir, loudly, " * 40)
    keep(SharedGoal(goal_id=goal.id, resident_id=nia.id, wording_id=goal.current_wording.id, named=True))
    said = sheet_text(visit(morgan))
    assert "to sing in a choir, loudly" in said and "Sam" not in said
