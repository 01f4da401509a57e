"""How easy the pages are that residents open: each, read whole in English, at or under US grade 5."""

import sys
from collections.abc import Iterator
from types import ModuleType

import pytest
from bs4 import BeautifulSoup

from deal.questions.models import current_question_set
from tests.browser import Browser, Page, visible_texts
from tests.people import make_full_story
from tests.urls import Places

# textstat 0.7.4 imports what setuptools no longer has, for lists of words that nothing here asks for
sys.modules.setdefault("pkg_resources", ModuleType("pkg_resources"))
from textstat import flesch_kincaid_grade  # noqa: E402

GRADE = 5
EXCEPTIONS: dict[str, str] = {}  # endpoint: why this page cannot be said in simpler words

# what stands on lines of its own, so that its end is the end of a sentence
LINES = ["p", "li", "h1", "h2", "h3", "label", "legend", "button", "summary", "dt", "dd", "th", "td", "option", "div",
         "span", "nav a", "header a"]  # fmt: skip


def lines_of(html: str) -> list[str]:
    """What Deal itself says on a page, line by line, people's words left out."""
    soup = BeautifulSoup(html, "html.parser")
    for tag in soup.select(", ".join(LINES)):
        tag.insert_before("\n")
        tag.insert_after("\n")
    texts = "".join(visible_texts(soup, but=("title", "govuk-visually-hidden")))
    lines = (" ".join(line.split()) for line in texts.splitlines())
    return [line for line in lines if any(map(str.isalpha, line))]


def is_sentence(line: str) -> bool:
    """Whether it ends as one, or goes on in the list behind it."""
    return line[-1] in ".!?:"


def grade_of(html: str) -> float:
    """The page read whole, menu and foot too; or its full sentences alone, where those are harder.

    A label, a button, a line of a list without a mark is a sentence of its own: many of them make a page look easy.
    """
    lines = lines_of(html)
    whole = "\n".join(line if is_sentence(line) else f"{line}." for line in lines)
    sentences = "\n".join(line for line in lines if is_sentence(line))
    return max(flesch_kincaid_grade(text) for text in (whole, sentences) if text)


def pages(places: Places, *people) -> Iterator[tuple[str, Page]]:
    """Every page that one of them can open, whoever else can; and every question."""
    for endpoint, path in places.pages():
        for person in people:
            browser = Browser(places.app, person)
            if browser.send("GET", path).status_code == 200:
                yield endpoint, browser.get(path)
    for question in current_question_set().questions():
        yield f"the question {question.key}", browser.get(places.address("assessment.question", key=question.key))


@pytest.mark.sqlite_only
def test_every_page_of_a_resident_reads_at_grade_5_or_under(app, nia, sam):
    make_full_story(nia, sam)
    grades: dict[str, float] = {}
    for name, page in pages(Places(app, nia, sam), None, nia):
        grades[name] = max(grade_of(page.html), grades.get(name, -9))
    assert len(grades) > 55
    assert {name: grade for name, grade in grades.items() if grade > GRADE and name not in EXCEPTIONS} == {}
    assert {name for name in EXCEPTIONS if grades.get(name, 0) <= GRADE} == set(), "these are no exceptions any more"


def test_short_labels_do_not_hide_a_hard_sentence():
    menu = "<ul><li>Go to my page</li><li>See my goals</li><li>Talks we had</li></ul>" * 20
    hard = "<p>Notwithstanding the aforementioned considerations, beneficiaries must authenticate periodically.</p>"
    assert grade_of(menu + "<p>We keep what you say.</p>") < GRADE < grade_of(menu + hard)
    assert grade_of(f"<blockquote>{hard}</blockquote><p>You said this.</p>") < GRADE
    assert lines_of("<h2>Who can see it</h2><p>You, and <b>nobody</b> else.</p>7<label>Your PIN</label>") == [
        "Who can see it",
        "You, and nobody else.",
        "Your PIN",
    ]
