"""Question sets as files: TOML in, rows out."""

import tomllib
from pathlib import Path
from typing import Any

from sqlalchemy import select

from deal.assessment.models import Kind, Question, QuestionSet, Section
from deal.db import db

FILES = Path(__file__).parent / "question_sets"


def publish_bundled_question_sets() -> None:
    """Make rows of each bundled file whose version is not there yet. Commits."""
    known = set(db.session.scalars(select(QuestionSet.version)))
    for path in sorted(FILES.glob("about-me-v*.toml")):
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        if table["version"] not in known:
            db.session.add(question_set_from(table))
    db.session.commit()


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
