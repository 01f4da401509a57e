"""Question sets as files: TOML in, rows out, and back again."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from wtforms import ValidationError

from deal.db import commit_first, db
from deal.questions.models import Kind, Question, QuestionSet, Section, published_sets

FILES = Path(__file__).parent / "question_sets"
OF_SET, OF_QUESTION = ("title", "designed_by", "why"), ("prompt", "hint", "low", "high")

MOST_DOTS = 20  # in a line, outside words and remarks: the reader of TOML needs memory by the square of a key's parts
# no branch can fail behind its first sign, or many open quotation marks took hours
WORDS_AND_REMARKS = re.compile(
    r'''"""(?:[^\\]|\\.)*?(?:"{3,5}|\\?\Z)|'{3}.*?(?:'{3,5}|\Z)|"(?:[^"\\\n]|\\.)*"?|'[^'\n]*'?|\#[^\n]*''', re.DOTALL
)

Table = dict[str, Any]  # a question set as a file holds it
Words = dict[str, str]  # one text a language


def publish_bundled_question_sets() -> None:
    """Make rows of each bundled file whose version is not there yet, and add languages that came since. Commits."""
    known = {one.version: one for one in db.session.scalars(select(QuestionSet))}
    for path in sorted(FILES.glob("about-me-v*.toml")):
        try:
            table = tomllib.loads(path.read_text(encoding="utf-8"))
            if published := known.get(table["version"]):
                add_languages(published, table)
            else:
                db.session.add(question_set_from(table))
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise OSError(f"{path} is damaged: put it back as it came with Deal") from error
    if not commit_first():  # another machine did the same at this moment
        publish_bundled_question_sets()


def read_file(content: bytes) -> Any:
    """What a file holds, whatever its shape; ValidationError where it cannot be read, with the line."""
    try:
        words = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        sentence = _("The letters in line %(line)s are not UTF-8. Save the file as UTF-8 and try again.", line=line)
        raise ValidationError(sentence) from error
    lines = WORDS_AND_REMARKS.sub(lambda found: "\n" * found[0].count("\n"), words).split("\n")
    at_line = next((number for number, line in enumerate(lines, 1) if line.count(".") > MOST_DOTS), None)
    try:
        if at_line is None:
            return tomllib.loads(words)
    except (ValueError, RecursionError) as error:
        told = re.search(r"at line (\d+)", str(error))
        at_line = int(told[1]) if told else content.rstrip().count(b"\n") + 1
    raise ValidationError(_("We could not read line %(line)s of the file. Look there, and try again.", line=at_line))


def questions_of(table: Table) -> list[Table]:
    """All questions in the order of the sections."""
    return [question for section in table["section"] for question in section["question"]]


def found_in(table: Table, key: str) -> Table | None:
    """The question with that key."""
    return next((one for one in questions_of(table) if one["key"] == key), None)


def texts_of(table: Table) -> Iterator[tuple[str, Words]]:
    """(the name of its place, the words in each language) of every text, in order; a choice also holds its key."""
    yield from ((name, table[name]) for name in OF_SET)
    for section in table["section"]:
        yield f"{section['key']} title", section["title"]
        for question in section["question"]:
            yield from ((f"{question['key']} {name}", question[name]) for name in OF_QUESTION if name in question)
            yield from ((f"{question['key']} choice {one['key']}", one) for one in question.get("choices", []))


def _bones_of(table: Table) -> tuple[list[Any], list[str]]:
    """All of a question set but its texts: what is asked how, and the place of each text."""
    asked = [(one["kind"], one.get("core", False), one.get("shows")) for one in questions_of(table)]
    return asked, [place for place, _words in texts_of(table)]


def says_otherwise(published: Table, table: Table) -> str | None:
    """What keeps a file from adding only languages to a published version, in short; None where nothing does."""
    found = dict(texts_of(table))
    for place, words in texts_of(published):
        if not words.items() <= found.get(place, {}).items():
            return _("This version is published. Where it says “%(words)s” the file says something else. "
                     "To make the file the draft, give it another version number.",
                     words=words.get("en", place))  # fmt: skip
    if _bones_of(table) != _bones_of(published):
        return _("This version is published, and the file does not ask the same questions in the same order. "
                 "To make the file the draft, give it another version number.")  # fmt: skip
    return None


def add_languages(published: QuestionSet, table: Table) -> int:
    """Adding a language to a published version is allowed, changing its words is not; how many texts were added."""
    found = dict(texts_of(table))
    added: list[str] = []

    def more(place: str, words: Words) -> Words:
        """The words with the languages that they lack, where the file still says the same in English."""
        there = found.get(place, {})
        new = there | words if words.get("en") == there.get("en") else words
        added.extend(new.keys() - words.keys())
        return new

    for name in OF_SET:
        setattr(published, name, more(name, getattr(published, name)))
    for section in published.sections:
        section.title = more(f"{section.key} title", section.title)
    for question in published.questions():
        for name in OF_QUESTION:
            setattr(question, name, more(f"{question.key} {name}", getattr(question, name)))
        question.choices = [more(f"{question.key} choice {one['key']}", one) for one in question.choices]
    return len(added)


def question_set_from(table: Table) -> QuestionSet:
    """A question set from the table that a file holds; a part without questions is left out."""
    parts = [
        Section(
            position=position,
            key=section["key"],
            title=section["title"],
            questions=[_question(place, question) for place, question in enumerate(section["question"])],
        )
        for position, section in enumerate(one for one in table["section"] if one["question"])
    ]
    return QuestionSet(**{name: table[name] for name in ("version", *OF_SET)}, sections=parts)


def _question(position: int, table: Table) -> Question:
    empty: Table = {"core": False, "hint": {}, "low": {}, "high": {}, "choices": []}
    return Question(**empty | table | {"position": position, "kind": Kind(table["kind"])})


def table_of(question_set: QuestionSet) -> Table:
    """The table that a file of this question set holds: without what is empty."""
    words = {name: getattr(question_set, name) for name in ("version", *OF_SET)}
    return words | {
        "section": [
            {"key": one.key, "title": one.title, "question": [_table_of(question) for question in one.questions]}
            for one in question_set.sections
        ]
    }


def _table_of(question: Question) -> Table:
    said = {name: getattr(question, name) for name in ("core", "shows", *OF_QUESTION, "choices")}
    return {"key": question.key, "kind": question.kind.value, **{name: value for name, value in said.items() if value}}


def published_tables() -> list[Table]:
    """All versions as tables, the oldest first."""
    return [table_of(one) for one in published_sets()]
