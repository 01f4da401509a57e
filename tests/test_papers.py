"""Every paper: in both languages and in large print, for people who hear it, in every script; nothing said is lost."""

import io
import logging
import re
import shutil
import subprocess
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from flask import g, render_template_string
from hypothesis import given, settings
from hypothesis import strategies as st
from pdfua import validate
from pypdf import PdfReader
from sqlalchemy import select
from weasyprint.formatting_structure.boxes import TextBox
from werkzeug.test import TestResponse

from deal import demo
from deal.audit import AccessLog
from deal.clock import now, today
from deal.config import ROOT
from deal.db import db
from deal.goals.models import CheckIn, State
from deal.people import Person
from deal.printing import pdf
from deal.printing.forms import EXTRAS
from deal.printing.models import Summary, SummaryChoice
from deal.printing.summary_layout import summary_html, summary_pdf
from deal.settings import change_settings
from tests.people import (
    begin_about_me,
    finish_about_me,
    keep,
    make_answer,
    make_check_in,
    make_deal,
    make_full_story,
    make_goal,
    make_promise,
    make_step,
    make_talk,
)
from tests.test_letters import sizes_on

CHARTS = 14.0  # the size of letters in a chart, which is drawn 360 wide and stands 487 points wide in large print
RTL = re.compile("[\u0590-\u08ff]")
LETTERS_PDF = "/invitations/letters.pdf"
OUTLOUD = ROOT / ".venv-outloud" / "bin" / "outloud"
SCRIPTS = {
    "welsh": "fy nhŷ a'm tŵr, êâîôû",
    "polish": "Zażółć gęślą jaźń ŁÓDŹ",
    "vietnamese": "Tiếng Việt: tôi muốn học bơi ở Đà Nẵng",
    "greek": "Θέλω να μάθω κολύμπι, ᾧ",
    "cyrillic": "Я хочу навчитися плавати, їжак",
    "arabic": "أريد أن أتعلم السباحة مع أولادي",
    "urdu": "میں تیرنا سیکھنا چاہتا ہوں، ٹھیک ہے",
    "hebrew": "אני רוצה ללמוד לשחות",
    "bengali": "আমি সাঁতার শিখতে চাই",
    "devanagari": "मैं तैरना सीखना चाहता हूँ, क्षमा",
    "gurmukhi": "ਮੈਂ ਤੈਰਨਾ ਸਿੱਖਣਾ ਚਾਹੁੰਦਾ ਹਾਂ",
    "tamil": "நான் நீந்தக் கற்றுக்கொள்ள வேண்டும்",
    "chinese": "我想学游泳 學習",
    "japanese": "泳げるようになりたいカタカナ",
    "korean": "수영을 배우고 싶어요",
    "emoji": "🎉 👩🏽‍🍳 ❤️ 🏊 🦩 🇬🇧",
}
LONG = {
    "one word": "x" * 6000,
    "one rambling text": "I went to the market and then the bus was late again so we walked. " * 90,
    "nothing but lines": "a\n" * 3000,
    "arabic": "أريد أن أتعلم السباحة مع أولادي. " * 180,
    "emoji": "👩🏽‍🍳🎉" * 900,
}
BAD = "</style><script>x</script><img src=file:///etc/passwd>@import url(http://127.0.0.1:9/x)"


@pytest.fixture
def paths(nia, sam) -> dict[str, str]:
    """The address of each paper of Nia's, who has a story."""
    change_settings({"welsh_checked_by": "Eleri Pugh"}, by=None)
    make_full_story(nia, sam)
    goal = make_goal(nia, "to swim")
    agreed = make_deal(nia, sam, goal, make_promise(nia, "find the key", by=sam), make_promise(nia, "ask two friends"))
    hers = f"/residents/{nia.id}"
    kinds = {kind: f"{hers}/{kind}.pdf" for kind in ("summary", "about-me", "deal", "what-i-did", "card")}
    return kinds | {"agreed": f"{hers}/deal/{agreed.id}.pdf"}


def printed(visit, person, path: str) -> bytes:
    answer = visit(person).send("GET", path)
    assert answer.status_code == 200 and answer.mimetype == "application/pdf"
    return answer.data


def flat(text: str) -> str:
    return " ".join(text.split())


def pages_of(paper: bytes) -> int:
    return len(PdfReader(io.BytesIO(paper)).pages)


def text_of(paper: bytes) -> str:
    return flat(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(paper)).pages))


def show_everything(resident) -> None:
    keep(SummaryChoice(resident_id=resident.id, shows=list(EXTRAS)))


pytestmark = pytest.mark.sqlite_only  # each prints
LANGUAGES = pytest.mark.parametrize("language", ["en", pytest.param("cy", marks=pytest.mark.slow)])
NO_POPPLER = pytest.mark.skipif(not shutil.which("pdftotext"), reason="poppler-utils is not here")


@pytest.fixture
def context(app):
    """A request's context, in which papers are made."""
    with app.test_request_context():
        yield


def everything_in(language, visit, nia, sam, morgan, paths) -> dict[str, TestResponse]:
    """Each kind in each layout, under both their names."""
    found, coach = {}, visit(sam)
    for layout in ("normal", "large"):
        asked = f"?language={language}&layout={layout}"
        found |= {f"{kind} {layout}": visit(nia).send("GET", path + asked) for kind, path in paths.items()}
        found[f"visit {layout}"] = coach.send("GET", f"/residents/{nia.id}/visit.pdf{asked}")
        found[f"bag {layout}"] = coach.send("GET", f"/about-me.pdf{asked}")
        found[f"postcard {layout}"] = coach.send("GET", f"/postcard.pdf{asked}")
        phone = visit(nia)
        phone.get(f"/residents/{nia.id}/print?paper={language}&layout={layout}")
        found[f"send {layout}"] = phone.press("Print the card", 200).answer
    found["sheet normal"] = visit(morgan).send("GET", f"/numbers/sheet.pdf?language={language}")
    if language == "en":  # else letters are in both, Welsh first
        change_settings({"welsh_checked_by": ""}, by=None)
        db.session.commit()
    coach.post("/invitations/several", 200, on="/invitations/new", people="Bo\tOak Court", adult="y")
    letters = coach.press("Make the letters", 200).form_to(LETTERS_PDF)
    for layout in ("normal", "large", "easy"):
        found[f"letters {layout}"] = coach._send_form(letters, None, 200, {"layout": layout}).answer
    return found


@LANGUAGES
def test_each_paper_can_be_read_aloud_in_both_languages_and_large(language, visit, nia, sam, morgan, paths, tmp_path):
    for name, answer in everything_in(language, visit, nia, sam, morgan, paths).items():
        read = PdfReader(io.BytesIO(answer.data))
        assert read.trailer["/Root"]["/Lang"] == language and read.metadata.title, name
        (tmp_path / "paper.pdf").write_bytes(answer.data)
        assert [one.message for one in validate(tmp_path / "paper.pdf").findings] == [], name
        if name.endswith("large"):
            sizes = {size for page in read.pages for size in sizes_on(page)} - {CHARTS}
            assert min(sizes) >= 18, name
        called = re.fullmatch(r'inline; filename="([a-z0-9-]+\.pdf)"', answer.headers["Content-Disposition"])
        assert called and "nia" not in called[1].split("-"), f"the file name of {name} gives nobody away"


@LANGUAGES
@pytest.mark.slow
@pytest.mark.skipif(not OUTLOUD.exists(), reason="not made here: scripts/setup.sh aloud")
def test_a_stricter_checker_finds_no_error(language, visit, nia, sam, morgan, paths, tmp_path):
    for name, answer in everything_in(language, visit, nia, sam, morgan, paths).items():
        (tmp_path / f"{name}.pdf").write_bytes(answer.data)
    said = subprocess.run([OUTLOUD, "--fail-on", "error", tmp_path], capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stdout


def test_about_me_to_write_on_has_a_number_and_no_name(visit, nia, amina, sam):
    paper = printed(visit, nia, f"/residents/{nia.id}/about-me.pdf")
    reference = re.search(r"[A-Z0-9]{3}-[A-Z0-9]{3}-1", text_of(paper))[0]
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(paper)).pages]
    assert all(reference in page and f"{number} / {len(pages)}" in page for number, page in enumerate(pages, 1))
    assert "Nia" not in text_of(paper)
    assert reference in visit(sam).get(f"/residents/{nia.id}/about-me/type-in")
    assert reference not in text_of(printed(visit, amina, f"/residents/{amina.id}/about-me.pdf"))
    for question in begin_about_me(nia).question_set.questions():
        assert flat(question.prompt["en"]) in text_of(paper)


def test_the_deal_on_paper_has_both_halves_and_nothing_to_sign(visit, nia, paths):
    text = text_of(printed(visit, nia, paths["agreed"]))
    for said in ("This is not a contract.", "“find the key”", "“ask two friends”", "Version 2. We both agreed on"):
        assert said in text
    assert text.count("Done, on") == 2
    assert "when we have both agreed" in text_of(printed(visit, nia, paths["deal"]))


def test_words_that_were_refused_stand_in_no_deal(visit, nia, sam):
    refused = make_goal(nia, "To secure employment", typed_by=sam)
    mine, ours = make_goal(nia, "to swim"), make_promise(nia, "find the key", by=sam)
    agreed = make_deal(nia, sam, refused, ours)
    refused.current_wording.not_agreed_at = now()
    db.session.commit()
    page = visit(nia).get(f"/residents/{nia.id}/deal")
    assert "To secure employment" not in page and mine.current_wording.words in page
    for path in ("deal.pdf", f"deal/{agreed.id}.pdf"):
        text = text_of(printed(visit, nia, f"/residents/{nia.id}/{path}"))
        assert "To secure employment" not in text and "“find the key”" in text, path


def test_what_nobody_read_back_stands_in_no_paper_of_their_own_voice(visit, nia, sam):
    waits = make_goal(nia, "Obtain a bicycle", typed_by=sam)
    make_step(waits, "ask at the shop", done=True)
    make_step(make_goal(nia, "to swim"), "buy a ticket", done=True)
    about_me = begin_about_me(nia)
    make_answer(about_me, "hope-most", "Independent living", typed_by_id=sam.id)
    make_answer(about_me, "proud", "my roses")
    agreed = make_deal(nia, sam, waits, make_promise(nia, "find the key", by=sam))
    for path in ("summary", "what-i-did", "deal", f"deal/{agreed.id}"):
        for layout in ("normal", "large"):
            text = text_of(printed(visit, nia, f"/residents/{nia.id}/{path}.pdf?layout={layout}"))
            assert not [one for one in ("Obtain a bicycle", "Independent living") if one in text], path
            assert ("1 more waits to be read back." in text) is path.startswith("deal"), path
    visit_pack = text_of(printed(visit, sam, f"/residents/{nia.id}/visit.pdf"))
    for said in ("“Obtain a bicycle” Not read back yet", "“Independent living” Not read back yet"):
        assert said in visit_pack
    assert visit_pack.count("Not read back yet") == 2
    waits.current_wording.read_back_at = now()
    db.session.commit()
    for path in ("summary", "what-i-did", "deal", f"deal/{agreed.id}"):
        text = text_of(printed(visit, nia, f"/residents/{nia.id}/{path}.pdf"))
        assert "“Obtain a bicycle”" in text and "waits to be read back" not in text, path


def test_a_visit_begins_with_what_not_to_ask(visit, nia, sam):
    make_answer(begin_about_me(nia), "not-ask", "my brother")
    make_goal(nia, "to swim")
    text = text_of(printed(visit, sam, f"/residents/{nia.id}/visit.pdf"))
    assert 0 < text.index("“my brother”") < text.index("“to swim”") < text.index("Questions to ask")
    assert db.session.scalars(select(AccessLog.page)).all() == ["printing.visit"]


@pytest.mark.parametrize(
    ("language", "goal", "how"),
    [
        ("en", ("A goal", "Their initials:"), ("How is it going?", "Our next chat:")),
        ("cy", ("Nod ", "Eu llythrennau cyntaf:"), ("Sut mae'n mynd?", "Ein sgwrs nesaf:")),
    ],
)
def test_each_sheet_to_write_on_is_one_page_in_large_print(visit, nia, sam, paths, language, goal, how):
    paper = printed(visit, sam, f"/residents/{nia.id}/visit.pdf?language={language}&layout=large")
    *_before, first, last = [flat(page.extract_text()) for page in PdfReader(io.BytesIO(paper)).pages]
    assert first.startswith(goal[0]) and goal[1] in first
    assert last.startswith(how[0]) and how[1] in last


def test_a_date_stays_on_its_line_in_large_print(visit, nia):
    goal = make_goal(nia, "to swim")
    for most in range(8, 28):
        make_step(goal, "a" * most, done=True)
    paper = printed(visit, nia, f"/residents/{nia.id}/what-i-did.pdf?layout=large")
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(paper)).pages]
    text = "\n".join(pages)
    assert "Nia" in pages[0] and "to swim" in pages[0]
    assert text.count(f"{today():%A} {today().day} {today():%B %Y}") == 21


def test_all_that_somebody_did_is_found_behind_many_goals(visit, nia):
    reached = [make_goal(nia, f"reached number {n}") for n in range(5)]
    for goal in reached:
        make_step(goal, "buy a ticket", done=True)
        goal.state = State.REACHED
    on_the_way = [make_goal(nia, f"live number {n}") for n in range(40)]
    make_step(on_the_way[0], "the very first step", done=True)
    gone = make_goal(nia, "")
    gone.current_wording.taken_back_at = now()
    make_step(gone, "taken along", done=True)
    db.session.commit()
    found = text_of(printed(visit, nia, f"/residents/{nia.id}/what-i-did.pdf"))
    assert [n for n in range(5) if f"reached number {n}" not in found] == []
    assert "the very first step" in found and "live number 1" not in found
    assert found.index("reached number 0") < found.index("live number 0")
    assert "taken back" not in found and "taken along" not in found


def test_their_own_pick_stands_first(visit, nia):
    goals = [make_goal(nia, f"goal number {n}") for n in range(5)]
    browser = visit(nia)
    browser.get(f"/residents/{nia.id}/print")
    browser.press("Save", goals=[f"goal {goals[0].id}"], shows=["chart"])
    found = Summary(nia)
    assert [goal.id for goal in found.goals] == [goals[0].id, goals[4].id, goals[3].id] and found.shows[0] == "chart"
    first = PdfReader(io.BytesIO(printed(visit, nia, f"/residents/{nia.id}/summary.pdf"))).pages[0].extract_text()
    assert "goal number 0" in first and "And 2 more on my page." in first and "goal number 1" not in first


@pytest.mark.parametrize("name", ["Nia", "N" * 200, "Nia " * 49 + "Nia", BAD])
def test_two_pages_whatever_the_name(context, nia, name):
    nia.name = name
    make_step(make_goal(nia, BAD), "x" * 6000)
    db.session.commit()
    paper = summary_pdf(Summary(nia))
    assert pages_of(paper) == 2
    assert flat(name).replace(" ", "") in text_of(paper).replace(" ", "")


@pytest.mark.slow
def test_two_pages_for_600_check_ins_and_long_answers(context, nia, sam):
    finish_about_me(nia, "a long answer, and so on. " * 230)
    for n in range(30):
        goal = make_goal(nia, f"goal number {n}, which is a rather long one to write down")
        said = {"goal_id": goal.id, "language": "en", "said_by_id": nia.id, "typed_by_id": nia.id}
        db.session.add_all(
            CheckIn(number=n % 11, celebrate="hurrah " * 90, in_the_way="rain", **said) for n in range(20)
        )
        for ours in (None, sam):
            make_promise(nia, "a promise in some words. " * 20, by=ours)
    make_talk(nia, sam)
    show_everything(nia)
    paper, large = summary_pdf(Summary(nia)), summary_pdf(Summary(nia), "large")
    assert pages_of(paper) == 2
    assert "And 27 more on my page." in text_of(paper) and "Promised to me" in text_of(paper)
    assert "And 480 more on my page." in text_of(large) and pages_of(large) > 9


@pytest.mark.parametrize("ticks", [4, pytest.param(8, marks=pytest.mark.slow), 99])
def test_two_pages_for_somebody_who_ticked_everything(context, nia, sam, ticks):
    """With nine more questions, eight goals, charts and long words in everything."""
    long = "and then there is the other thing that I have been meaning to say. " * 9
    about_me = begin_about_me(nia)
    for question in about_me.question_set.questions():
        options = [*question.options()][:ticks]
        said = {"number": 7} if question.kind.value == "scale" else {"choices": options, "words": long}
        make_answer(about_me, question.key, **said)
    for number in range(8):
        goal = make_goal(nia, long)
        for done in (True, False):
            make_step(goal, long, done=done)
            make_check_in(goal, number, celebrate=long, in_the_way=long)
            make_promise(nia, long, by=sam if done else None)
    show_everything(nia)
    paper = summary_pdf(Summary(nia))
    assert pages_of(paper) == 2
    assert "That is on my page." in text_of(paper), "the charts"


@pytest.mark.parametrize("kind", LONG)
def test_two_pages_however_long_the_story(context, nia, sam, kind):
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
    assert pages_of(paper) == 2
    if kind == "one rambling text":
        assert "(more on my page)" in text_of(paper), "what is cut short says so"
        assert "And 27 more on my page." in text_of(paper)


def test_a_name_alone_is_two_pages_with_room_to_write(context, nia):
    paper = summary_pdf(Summary(nia))
    assert pages_of(paper) == 2
    assert "Nia" in text_of(paper) and "Something I want to tell Sam" in text_of(paper)


def test_three_goals_stand_large_and_in_quotation_marks(context, nia, sam):
    finish_about_me(nia, words="fy nhŷ a'm tŵr")
    for words in ("i want me own front door", "learn to swim", "a dog"):
        make_step(make_goal(nia, words), "ring Dai", done=True)
    make_talk(nia, sam)
    text = text_of(summary_pdf(Summary(nia)))
    said = ("“i want me own front door”", "“learn to swim”", "“a dog”", "ring Dai", "fy nhŷ a'm tŵr", "Next chat:")
    assert not [words for words in said if words not in text]


def test_only_what_was_ticked_is_printed(context, nia):
    make_answer(begin_about_me(nia), "who-matters", "my gran")
    goal = make_goal(nia)
    for number in (3, 6):
        said = {"language": "en", "said_by_id": nia.id, "typed_by_id": nia.id, "at": now()}
        db.session.add(CheckIn(goal_id=goal.id, number=number, in_the_way="the cold", **said))
    db.session.commit()
    assert not [one for one in ("my gran", "the cold", "<svg") if one in summary_html(Summary(nia))]
    show_everything(nia)
    text = text_of(summary_pdf(Summary(nia)))
    assert "my gran" in text and "the cold" in text and ": 3, 6" in text


def test_what_the_resident_did_not_agree_with_is_never_printed(context, nia, sam):
    goal = make_goal(nia, "To secure employment", typed_by=sam)
    goal.current_wording.not_agreed_at = now()
    db.session.commit()
    assert "To secure employment" not in text_of(summary_pdf(Summary(nia)))


def test_nobodys_words_fetch_a_file(context, nia):
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

    monkeypatch.setattr(pdf, "_kit", lacking)
    page = visit(nia).get(f"/residents/{nia.id}/summary.pdf", status=503)
    assert "apt install libpango-1.0-0" in page


@NO_POPPLER
def test_the_paper_is_tagged_and_has_a_title_and_a_language(context, nia, sam, tmp_path):
    finish_about_me(nia)
    goal = make_goal(nia)
    make_talk(nia, sam)
    said = {"goal_id": goal.id, "language": "en", "said_by_id": nia.id, "typed_by_id": nia.id}
    db.session.add_all(CheckIn(number=number, **said) for number in (2, 5, 9))
    show_everything(nia)
    paper = summary_pdf(Summary(nia))
    (tmp_path / "story.pdf").write_bytes(paper)
    info, fonts = (
        subprocess.run([command, tmp_path / "story.pdf"], capture_output=True, text=True, check=True).stdout
        for command in ("pdfinfo", "pdffonts")
    )
    assert "Tagged:          yes" in info and "The story of Nia so far" in info and "Atkinson" in fonts
    assert PdfReader(io.BytesIO(paper)).trailer["/Root"]["/Lang"] == "en"


def upon_another(page) -> list[tuple[str, str]]:
    """The texts of a laid-out page that stand over each other (by more than two hundredths of an inch)."""
    texts = [box for box in page._page_box.descendants() if isinstance(box, TextBox) and box.text.strip()]
    return [
        (one.text, other.text)
        for one, other in combinations(texts, 2)
        if min(one.position_y + one.height, other.position_y + other.height) - max(one.position_y, other.position_y) > 2
        and min(one.position_x + one.width, other.position_x + other.width) - max(one.position_x, other.position_x) > 2
    ]


@pytest.mark.parametrize(
    "said",
    [
        *("celebrate", "charts", "nothing"),
        *(pytest.param(one, marks=pytest.mark.slow) for one in ("in_the_way", "proud", "good-day", "hope-most")),
    ],
)
def test_no_line_stands_upon_another(app, nia, said):
    goal, about_me = make_goal(nia, "to swim"), begin_about_me(nia)
    for field in ("celebrate", "in_the_way"):
        if field == said:
            make_check_in(goal, **{field: "Got a smile out of Mr Grumpy"})
    if said in ("proud", "good-day", "hope-most"):
        make_answer(about_me, said, "my roses")
    for number in range(2 if said == "charts" else 0):
        make_check_in(goal, number)
    show_everything(nia)
    for layout in ("normal", "large"):
        with app.test_request_context():
            g.papers = []
            summary_pdf(Summary(nia), layout)
            (paper,) = g.papers
        assert [two for page in paper.pages for two in upon_another(page)] == [], layout


def test_what_has_no_room_is_counted_and_large_print_leaves_nothing_out_unsaid(context, visit, nia, sam):
    for n in range(120):
        goal = make_goal(nia, f"goal number {n}")
    said = {"goal_id": goal.id, "language": "en", "said_by_id": nia.id, "typed_by_id": nia.id}
    db.session.add_all(CheckIn(celebrate="hurrah", in_the_way="rain", **said) for _ in range(200))
    for n in range(9):
        make_goal(nia, f"reached {n}").state = State.REACHED
    for n in range(40):
        make_promise(nia, f"promise {n}", by=sam)
        make_promise(nia, f"mine {n}")
    db.session.add(SummaryChoice(resident_id=nia.id, shows=["in_the_way"]))
    db.session.commit()
    found = Summary(nia)
    assert len(found.goals) + len(found.other_goals) + found.unseen["goals"] == 120
    html, large = summary_html(found, back=3), summary_html(found, layout="large")
    for left in (117, 7, 198, 38):
        assert f"And {left} more on my page." in html, left
    for shown, of in ((large.count(">goal number"), 120), (large.count(">reached"), 9), (large.count(">hurrah"), 200)):
        assert shown == of or f"And {of - shown} more on my page." in large, of
    assert large.count("And 25 more on my page.") == 2, "promises of each side"
    visit(nia).get(f"/residents/{nia.id}/print")


def bare(words: str) -> str:
    """Words without white space: where a line breaks is the paper's business."""
    return "".join(words.split())


def read_by_poppler(paper: bytes, folder: Path) -> str:
    path = folder / "paper.pdf"
    path.write_bytes(paper)
    command = ["pdftotext", "-r", "72", "-x", "0", "-y", "0", "-W", "595", "-H", "786", path, "-"]  # without the foot
    return bare(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


@NO_POPPLER
@pytest.mark.slow
def test_nothing_of_the_demonstration_is_lost_in_large_print(app, tmp_path):
    demo.load()
    with app.test_request_context():
        for resident in db.session.scalars(select(Person).where(Person.secret_hash.is_not(None))).all():
            if resident.is_resident:
                story = Summary(resident)
                read = read_by_poppler(summary_pdf(story, "large"), tmp_path)
                said = [goal.current_wording.words for goal in (*story.goals, *story.other_goals)]
                said += [step.words for step in (*story.done, *story.next)]
                said += [one.words or "" for one in (*story.strengths, *story.matters, *story.hopes)]
                said += [one.current_wording.words for one in story.promises]
                lost = [words for words in said if not RTL.search(words) and bare(words) not in read]
                assert not lost, resident.name


@NO_POPPLER
@given(
    words=st.text(alphabet="abcxyz ÀŵŷłŻćđưở αωλΩ жїЯ 我学泳のカ수영 0123 .,;:!?<>&'()@#*", min_size=1, max_size=300)
)
@settings(max_examples=min(settings.default.max_examples, 20))
def test_nothing_that_anybody_types_is_lost_in_large_print(app, words):
    with app.test_request_context(), TemporaryDirectory() as folder:
        body = render_template_string("{% from 'macros/words.html' import words %}{{ words(said) }}", said=words)
        paper = pdf.pdf(f'<html lang="en" class="paper paper--large"><title>Words</title><body>{body}</body></html>')
        assert bare(words) in read_by_poppler(paper, Path(folder))


@NO_POPPLER
@pytest.mark.parametrize("script", SCRIPTS)
def test_the_words_on_paper_are_the_words_stored(app, nia, script, tmp_path, caplog):
    words = SCRIPTS[script]
    make_goal(nia, words)
    finish_about_me(nia, words)
    with app.test_request_context(), caplog.at_level(logging.WARNING, logger="weasyprint"):
        pdf._kit()
        logging.getLogger("weasyprint").propagate = True
        paper = summary_pdf(Summary(nia))
    assert ".notdef" not in caplog.text
    # Poppler puts what runs right to left into an order of its own
    said = bare(text_of(paper)) if RTL.search(words) else read_by_poppler(paper, tmp_path)
    assert bare(words) in said
    assert "Color" not in paper.decode("latin-1"), "emoji are printed in one colour"


def test_a_letter_that_no_typeface_has_would_be_noticed(app, caplog):
    with app.test_request_context(), caplog.at_level(logging.WARNING, logger="weasyprint"):
        pdf._kit()
        logging.getLogger("weasyprint").propagate = True
        pdf.pdf('<html lang="en"><title>x</title><p>\ue123</p></html>')
    assert ".notdef" in caplog.text


def test_a_deal_of_many_promises_says_that_there_is_more(visit, nia, sam):
    for n in range(31):
        make_promise(nia, f"promise number {n}")
    text = text_of(printed(visit, nia, f"/residents/{nia.id}/deal.pdf"))
    assert "promise number 30" in text and "promise number 0”" not in text
    assert "There may be more on my page" in text


def test_a_deal_of_many_goals_says_that_there_is_more_whatever_waits(visit, nia, sam):
    for n in range(31):
        make_goal(nia, f"goal number {n} of mine")
    make_goal(nia, "Obtain a bicycle", typed_by=sam)
    text = text_of(printed(visit, nia, f"/residents/{nia.id}/deal.pdf"))
    assert "goal number 1 of mine" in text and "goal number 0 of mine" not in text and "bicycle" not in text
    assert "There may be more on my page" in text and "1 more waits to be read back." in text


@pytest.mark.parametrize(("language", "more"), [("en", "(more on my page)"), ("cy", "(mwy ar fy nhudalen)")])
def test_what_is_cut_says_so_in_the_language_of_the_paper(visit, nia, language, more):
    change_settings({"welsh_checked_by": "Mair"}, None)
    db.session.commit()
    finish_about_me(nia, "and then there is the other thing that I wanted to say. " * 40)
    text = text_of(printed(visit, nia, f"/residents/{nia.id}/summary.pdf?language={language}"))
    others = {"(more on my page)", "(mwy ar fy nhudalen)"} - {more}
    assert more.split()[0] in text and not any(one.split()[0] in text for one in others)


@pytest.mark.usefixtures("paths")
def test_every_paper_of_one_person_in_a_language_and_size_chosen_once(visit, nia, sam):
    for person, most in ((nia, "My sign-in name, for my purse (PDF)"), (sam, "For a visit (PDF)")):
        browser = visit(person)
        page = browser.get(f"/residents/{nia.id}/print?paper=cy")
        assert page.soup.html["lang"] == "en", "the page itself stays as it is"
        page = browser.click("Large print")
        assert [one.get_text() for one in page.soup.select("[aria-current=true]")] == ["Cymraeg", "Large print"]
        papers = {one.get_text(): one["href"] for one in page.soup.select('main a[href*=".pdf"]')}
        assert most in papers and len(papers) >= 6
        assert not [one for one in papers.values() if not one.endswith("?language=cy&layout=large")]
        for address in papers.values():
            assert printed(visit, person, address)
    text = text_of(printed(visit, nia, f"/residents/{nia.id}/summary.pdf?language=cy&layout=large"))
    assert "Beth rydw i ei eisiau" in text or "Beth rydw i eisiau" in text


def test_what_nobody_read_back_is_said_to_be_left_out(visit, nia, sam):
    path = f"/residents/{nia.id}/print"
    assert "left out" not in visit(nia).get(path)
    goal = make_goal(nia, "Obtain a bicycle", typed_by=sam)
    assert "Words that we typed for you are left out until you say that they are yours." in visit(nia).get(path)
    assert "not read back yet are only on the paper for a visit" in visit(sam).get(path)
    goal.current_wording.read_back_at = now()
    db.session.commit()
    assert "left out" not in visit(nia).get(path)
