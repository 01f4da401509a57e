"""Question sets as files: TOML in, rows out."""

import tomllib
from pathlib import Path
from typing import Any

from sqlalchemy import select

from deal.assessment.questions import Kind, Question, QuestionSet, Section
from deal.db import db

FILES = Path(__file__).parent / "question_sets"


def publish_bundled_question_sets() -> None:
    """Make rows of each bundled file whose version is not there yet, and add languages that came since. Commits."""
    known = {one.version: one for one in db.session.scalars(select(QuestionSet))}
    for path in sorted(FILES.glob("about-me-v*.toml")):
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        if published := known.get(table["version"]):
            add_languages(published, table)
        else:
            db.session.add(question_set_from(table))
    db.session.commit()


def add_languages(published: QuestionSet, table: dict[str, Any]) -> None:
    """Adding a language to a published version is allowed, changing its words is not."""
    _add_to(published, table, ("title", "designed_by", "why"))
    sections = {one["key"]: one for one in table["section"]}
    for section in published.sections:
        of_file = sections.get(section.key, {"question": []})
        _add_to(section, of_file, ("title",))
        questions = {one["key"]: one for one in of_file["question"]}
        for question in section.questions:
            _add_to(question, questions.get(question.key, {}), ("prompt", "hint", "low", "high"))
            choices = {one["key"]: one for one in questions.get(question.key, {}).get("choices", [])}
            question.choices = [_with_more(one, choices.get(one["key"], {})) for one in question.choices]


def _add_to(row: Any, table: dict[str, Any], names: tuple[str, ...]) -> None:
    for name in names:
        setattr(row, name, _with_more(getattr(row, name), table.get(name, {})))


def _with_more(words: dict[str, str], found: dict[str, str]) -> dict[str, str]:
    """The words with the languages that they lack, where the file still says the same in English."""
    return found | words if words.get("en") == found.get("en") else words


def question_set_from(table: dict[str, Any]) -> QuestionSet:
    """A question set from the table that a file holds."""
    return QuestionSet(
        version=table["version"],
        title=table["title"],
        designed_by=table["designed_by"],
        why=table["why"],
        sections=[
            Section(
                position=position,
                key=section["key"],
                title=section["title"],
                questions=[_question(place, question) for place, question in enumerate(section["question"])],
            )
            for position, section in enumerate(table["section"])
        ],
    )


def _question(position: int, table: dict[str, Any]) -> Question:
    return Question(
        position=position,
        key=table["key"],
        kind=Kind(table["kind"]),
        core=table.get("core", False),
        shows=table.get("shows"),
        prompt=table["prompt"],
        hint=table.get("hint", {}),
        low=table.get("low", {}),
        high=table.get("high", {}),
        choices=table.get("choices", []),
    )
