"""Morgan writes what the landlord hopes to learn and what it learned; one page to share, which names nobody."""

from sqlalchemy import select

from deal.clock import today
from deal.db import db
from deal.kpis.operational import Reach
from deal.kpis.snapshots import BLOCK
from deal.settings import Setting, landlord
from tests.people import keep, make_heading, set_settings
from tests.test_numbers import make_block

HOPE = "Do people come back?\n\nDo we keep  our half?"


def test_what_is_hoped_for_is_written_changed_and_read_by_coaches(visit, sam, morgan):
    manager = visit(morgan)
    assert "Nothing is written here yet." in manager.get("/changes")
    page = manager.press("Keep the words", hope_to_learn=HOPE, hope_to_learn_cy="Ydyn nhw'n dod yn ôl?")
    assert page.path == "/changes"
    assert landlord().hope_to_learn == {"en": HOPE, "cy": "Ydyn nhw'n dod yn ôl?"}
    assert HOPE in [one.get_text() for one in page.soup.select(".deal-told")], "letter for letter"
    assert "First written on" in page and "500 people" in page

    manager.press("Keep the words", learned="Ring first. Letters frighten.")
    page = visit(sam).get("/changes")
    assert "Do people come back?" in page
    assert "Ring first. Letters frighten." in page
    assert "Write or change the words" not in page
    assert visit(sam).send("POST", "/learned/write").status_code in (400, 404)

    page = manager.press("Keep the words", learned="Ring first.")
    history = manager.get("/changes")
    for words in (HOPE, "Ring first. Letters frighten.", "Ring first."):
        assert words in [one.get_text() for one in history.soup.select(".deal-card .deal-said-words")]
    assert "Morgan" in history and "Morgan" not in visit(sam).get("/changes")
    assert "Ring first. Letters frighten." not in manager.get("/settings"), "long words have their own history"


def test_two_managers_at_once_lose_nothing(visit, morgan):
    one, other = visit(morgan), visit(morgan)
    one.get("/changes")
    other.get("/changes")
    first = one.page
    one.press("Keep the words", hope_to_learn="mine")
    page = other.press("Keep the words", status=409, hope_to_learn="theirs", learned="theirs")
    assert "Somebody changed this" in page.errors and page.value("learned") == "theirs"
    assert "mine" in page.words
    other.press("Keep the words", hope_to_learn="mine, too")
    assert (landlord().hope_to_learn["en"], landlord().learned["en"]) == ("mine, too", "theirs")
    one.page = first
    assert "mine, too" in one.press("Keep the words", hope_to_learn="mine"), "pressed again, it shows what stands"
    assert landlord().hope_to_learn["en"] == "mine, too"


def test_pressing_twice_writes_once(visit, morgan):
    manager = visit(morgan)
    page = manager.get("/changes")
    for _ in range(2):
        manager.page = page
        manager.press("Keep the words", hope_to_learn="mine", learned="yours")
    assert len(db.session.scalars(select(Setting).where(Setting.key.in_(("hope_to_learn", "learned")))).all()) == 2


def test_words_that_are_too_long_are_kept_in_the_box(visit, morgan):
    page = visit(morgan).post("/learned/write", status=422, on="/changes", learned="o" * 10_001)
    assert "up to 10,000" in page.errors and len(page.value("learned")) == 10_001
    answer = visit(morgan)
    sent = {"csrf_token": answer.token(), "once": "x", "learned": "a\0b", "version": "0"}
    assert answer.send("POST", "/learned/write", sent).status_code == 422


def test_each_block_stands_with_what_its_numbers_were_then(visit, morgan):
    """Frozen figures under today's words would say something that nobody counted."""
    first, second = make_block(today() - 2 * BLOCK), make_block(today() - BLOCK)
    second.definitions = {"en": {"reach": ["Reach, counted anew.", "What it cannot tell now."]}}
    keep(second)
    page = visit(morgan).get("/changes")
    said = [one.get_text(" ") for one in page.soup.select("details:has(dl)")]
    assert len(said) == 2, "the newest first"
    assert "Reach, counted anew." in said[0] and "Reach, as it was published." in said[1]
    assert "Reach, as it was published." not in said[0] and str(Reach.definition) not in page
    assert first.block < second.block


def test_the_changes_and_nobodys_name(visit, morgan, sam):
    for number in range(30):
        make_heading(morgan, f"heading {number}", change=f"change {number}.", done=bool(number % 2))
    set_settings(morgan, paused=True)
    page = visit(sam).get("/changes")
    assert "change 29." in page.words and "change 0." not in page.words
    assert "We cannot change this. This is why:" in page
    assert "Invitations are paused since" in page
    assert "Morgan" not in page and "Sam" not in page.soup.main.get_text()
