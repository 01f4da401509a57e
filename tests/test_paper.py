"""The story so far on paper: at most two pages, tagged, the words as they were said."""

import io
import shutil
import subprocess

import pytest
from pypdf import PdfReader

from deal.clock import now
from deal.db import db
from deal.goals.models import CheckIn
from deal.summaries import pdf
from deal.summaries.forms import EXTRAS
from deal.summaries.models import Summary, SummaryChoice
from deal.summaries.paper import summary_html, summary_pdf
from tests.people import begin_about_me, finish_about_me, make_answer, make_goal, make_step, make_talk

LONG = {
    "one word": "x" * 6000,
    "one rambling text": "I went to the market and then the bus was late again so we walked. " * 90,
    "nothing but lines": "a\n" * 3000,
    "arabic": "أريد أن أتعلم السباحة مع أولادي. " * 180,
    "emoji": "👩🏽‍🍳🎉" * 900,
}


pytestmark = pytest.mark.sqlite_only  # each prints


@pytest.fixture
def page(app):
    """A request's context, in which pages are drawn."""
    with app.test_request_context():
        yield


def read(paper: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(paper))


def text_of(paper: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in read(paper).pages).split())


def show_everything(resident) -> None:
    db.session.add(SummaryChoice(resident_id=resident.id, shows=list(EXTRAS)))
    db.session.commit()


@pytest.mark.parametrize("kind", LONG)
def test_two_pages_however_long_the_story(page, nia, sam, kind):
    finish_about_me(nia, words=LONG[kind])
    for _ in range(30):
        goal = make_goal(nia, LONG[kind])
        for _ in range(4):
            make_step(goal, LONG[kind])
            make_step(goal, LONG[kind], done=True)
        said = {"goal_id": goal.id, "language": "en", "said_by_id": nia.id, "typed_by_id": nia.id}
        db.session.add_all(CheckIn(number=n % 11, in_the_way=LONG[kind], **said) for n in range(20))
    nia.name = "Nia " * 50
    make_talk(nia, sam)
    show_everything(nia)
    paper = summary_pdf(Summary(nia))
    assert len(read(paper).pages) == 2
    if kind == "one rambling text":
        assert "(more on my page)" in text_of(paper), "what is cut short says so"
        assert "And 27 more on my page." in text_of(paper)


def test_a_name_alone_is_two_pages_with_room_to_write(page, nia):
    paper = summary_pdf(Summary(nia))
    assert len(read(paper).pages) == 2
    assert "Nia" in text_of(paper) and "Something I want to tell Sam" in text_of(paper)


def test_three_goals_stand_large_and_in_quotation_marks(page, nia, sam):
    finish_about_me(nia, words="fy nhŷ a'm tŵr")
    for words in ("i want me own front door", "learn to swim", "a dog"):
        make_step(make_goal(nia, words), "ring Dai", done=True)
    make_talk(nia, sam)
    text = text_of(summary_pdf(Summary(nia)))
    for words in (
        "“i want me own front door”",
        "“learn to swim”",
        "“a dog”",
        "ring Dai",
        "fy nhŷ a'm tŵr",
        "Next chat:",
    ):
        assert words in text


def test_only_what_was_ticked_is_printed(page, nia):
    make_answer(begin_about_me(nia), "who-matters", "my gran")
    goal = make_goal(nia)
    for number in (3, 6):
        said = {"language": "en", "said_by_id": nia.id, "typed_by_id": nia.id, "at": now()}
        db.session.add(CheckIn(goal_id=goal.id, number=number, in_the_way="the cold", **said))
    db.session.commit()
    assert not {"my gran", "the cold", "<svg"} & {
        one for one in ("my gran", "the cold", "<svg") if one in summary_html(Summary(nia))
    }
    show_everything(nia)
    text = text_of(summary_pdf(Summary(nia)))
    assert "my gran" in text and "the cold" in text and ": 3, 6" in text


def test_what_the_resident_did_not_agree_with_is_never_printed(page, nia, sam):
    goal = make_goal(nia, "To secure employment", typed_by=sam)
    goal.face.not_agreed_at = now()
    db.session.commit()
    assert "To secure employment" not in text_of(summary_pdf(Summary(nia)))


def test_nobodys_words_fetch_a_file(page, nia):
    words = "</style><script>x</script><img src=file:///etc/passwd> @import url(http://127.0.0.1:9/x) root"
    make_goal(nia, words)
    assert "<imgsrc=file:///etc/passwd>" in text_of(summary_pdf(Summary(nia))).replace(" ", "")
    with pytest.raises(BaseException, match="nothing is fetched but our own files"):
        pdf.document('<html lang="en"><title>x</title><img src="file:///etc/passwd"></html>')


def test_words_run_in_the_direction_of_their_first_letter():
    assert [pdf.direction(words) for words in ("مرحبا", "7 مرحبا", "hello مرحبا", "שלום", "123", "")] == [
        *("rtl", "rtl", "ltr", "rtl", "ltr", "ltr")
    ]


def test_without_pango_everything_else_works(visit, nia, monkeypatch):
    def lacking():
        raise pdf.CannotPrint(pdf.WHAT_IS_MISSING)

    monkeypatch.setattr(pdf, "_weasyprint", lacking)
    pdf._kit.cache_clear()
    page = visit(nia).get(f"/residents/{nia.id}/summary.pdf", status=503)
    assert "apt install libpango-1.0-0" in page
    pdf._kit.cache_clear()


@pytest.mark.skipif(not shutil.which("pdfinfo"), reason="poppler-utils is not here")
def test_the_paper_is_tagged_and_has_a_title_and_a_language(page, nia, sam, tmp_path):
    finish_about_me(nia)
    goal = make_goal(nia)
    make_talk(nia, sam)
    said = {"goal_id": goal.id, "language": "en", "said_by_id": nia.id, "typed_by_id": nia.id}
    db.session.add_all(CheckIn(number=number, **said) for number in (2, 5, 9))
    show_everything(nia)
    paper = summary_pdf(Summary(nia))
    tmp_path.joinpath("story.pdf").write_bytes(paper)
    info = subprocess.run(["pdfinfo", tmp_path / "story.pdf"], capture_output=True, text=True, check=True).stdout
    assert "Tagged:          yes" in info and "The story of Nia so far" in info
    assert read(paper).trailer["/Root"]["/Lang"] == "en"
    fonts = subprocess.run(["pdffonts", tmp_path / "story.pdf"], capture_output=True, text=True, check=True).stdout
    assert "Atkinson" in fonts
