"""Nothing vanishes behind older rows without a word: a long list goes on to a next page, or says where all of it is."""

from datetime import timedelta

import time_machine
from sqlalchemy import select

from deal.assessment.models import Suggestion
from deal.clock import block_of, now, start_of, today
from deal.db import db
from deal.invitations.models import Invitation
from deal.questions.models import current_question_set
from tests.people import invite, make_heading


def read_to_the_end(browser, path: str, text: str = "Show the next ones") -> list[str]:
    """The pages of a list, as somebody reads them."""
    pages = [browser.get(path).html]
    while browser.page.soup.select_one(".deal-pager a"):
        pages.append(browser.click(text).html)
    return pages


def test_every_suggestion_can_be_read_and_made_a_question_of(visit, morgan):
    said = {"question_set_id": current_question_set().id, "language": "en"}
    db.session.add_all(Suggestion(words=f"What about {number:03}?", **said) for number in range(250))
    db.session.commit()
    with time_machine.travel(start_of(block_of(today()) + timedelta(days=28)) + timedelta(hours=9)):
        manager = visit(morgan)
        pages = read_to_the_end(manager, "/questions")
        shown = [[number for number in range(250) if f"What about {number:03}?" in html] for html in pages]
        assert len(shown) == 3 and sorted(number for page in shown for number in page) == list(range(250))
        assert max(shown[0]) > 200 and min(shown[0]) < 50, "no page is of one time"
        manager.post("/questions/draft")
        pages = read_to_the_end(manager, "/questions/draft")
        assert "Make a question of it" in pages[-1] and len(pages) == 3
        link = manager.page.soup.select("main .deal-card a")[-1]
        assert "Somebody suggested:" in manager.get(link["href"])


def test_every_letter_that_reached_somebody_else_can_be_renewed(visit, sam):
    for number in range(12):
        resident, _code = invite(f"Astray {number:02}", sam)
        db.session.scalars(select(Invitation).filter_by(resident_id=resident.id)).one().not_me_at = now()
    db.session.commit()
    pages = read_to_the_end(visit(sam), "/today")
    assert "Astray 11" in pages[1] and "Astray 00" in pages[0] and "Astray 11" not in pages[0], "the oldest first"


def test_every_change_can_be_read(visit, morgan):
    for number in range(30):
        make_heading(morgan, f"Thing {number:02}", change="We changed it.")
    pages = read_to_the_end(visit(morgan), "/changes")
    assert "Thing 29" in pages[0] and "Thing 00" not in pages[0] and "Thing 00" in pages[1]
    assert "What we learned" in pages[0] and "What we learned" not in pages[1]
