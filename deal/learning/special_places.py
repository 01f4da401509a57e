"""The places outside About me that the answers to certain questions fill, by the questions' keys."""

from collections.abc import Iterator
from typing import Any

from flask_babel import lazy_gettext as _l

from deal.assessment.question_faults import questions_of
from deal.assessment.question_files import Table
from deal.assessment.questions import MAY_BRING_UP_REPAIRS
from deal.assessment.ways import HOPES, MATTERS

FILLS: dict[str, Any] = {
    **dict.fromkeys(HOPES, _l("“My hopes” in the story so far, and on the paper for a visit")),
    **dict.fromkeys(MATTERS, _l("“What matters to me” in the story so far")),
    **dict.fromkeys(
        MAY_BRING_UP_REPAIRS, _l("where to report a repair or complain, and whether the coach did it for them")
    ),
    "who-matters": _l("“Who or what matters most to me” in the story so far"),
    "not-ask": _l("“Would rather not be asked about” on the coach's page, and on the paper for a visit"),
    "how-talk": _l("“How they would like to talk” on the coach's page, and on the paper for a visit"),
}


def emptied(before: Table, after: Table) -> Iterator[tuple[Table, Any]]:
    """Each question that is asked no more and filled such a place, and that place."""
    kept = {one["key"] for one in questions_of(after)}
    return ((one, FILLS[one["key"]]) for one in questions_of(before) if one["key"] in FILLS.keys() - kept)
