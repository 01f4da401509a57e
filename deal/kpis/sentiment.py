"""What people said or felt in four weeks, in tenths and only of enough people, each in one statement.

They are worked out once, when a block is frozen: two readings of a running block could be subtracted.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select, union

from deal.assessment.models import Assessment, Feels, Pulse
from deal.clock import day_of
from deal.contact.models import died
from deal.conversations.models import Conversation
from deal.db import db
from deal.deals.models import Kept, KeptAnswer, Promise, PromiseWording, Side
from deal.kpis.number import LEAST_COACHES, KpiView, Number, within
from deal.tenths import LEAST, MOST, in_tenths, in_words, least_people, no_finer


@dataclass(frozen=True)
class Felt(Number):
    """Tenths, as deal.tenths tells them; no counts. None stands for too few to show."""

    yes: int | None  # of those who answered
    answered: int | None  # of those who were asked

    def __post_init__(self) -> None:
        """Blocks that were frozen earlier hold finer tenths."""
        for name, tenths in vars(self).copy().items():
            object.__setattr__(self, name, None if tenths is None else no_finer(tenths))

    @classmethod
    def of(cls, enough: bool, yes: int, answers: int, answered: int, asked: int) -> Self:
        """Of very few who were asked, a response would tell who answered: there it is none."""
        if not enough:
            return cls(None, None)
        return cls(in_tenths(yes, answers), in_tenths(answered, asked) if asked >= least_people() else None)

    def told(self) -> KpiView:
        said = in_words(self.yes)
        parts = [(_("Yes, of those who answered"), said), (_("Answered, of those asked"), in_words(self.answered))]
        if self.yes is None:
            return KpiView(said, parts, beside=2, short=_("too few answered"), tile=_("Too few answered"))
        mark = {LEAST: f"0–{LEAST}", MOST: f"{MOST}+"}.get(self.yes, "")
        return KpiView(said, parts, beside=1, value=self.yes, whole=10, mark=mark)

    def change_from(self, before: float, value: float) -> str:
        """No number: a tenth is rounded already."""
        if value == before:
            return _("as before")
        return _("more than before") if value > before else _("fewer than before")


class Residents(Felt):
    title = _l("Feels right to residents")
    definition = _l(
        'Of the residents who answered "Did this feel right?" in these weeks, those whose newest answer is yes. '
        "We ask after About me and after conversations, without the coach. Response: the residents who answered, of "
        "those who finished About me or had a conversation in these weeks, where these are enough. "
        "Shown in tenths, when the weeks are over, and only where enough different people answered; "
        'never above "8 in 10 or more" nor below "2 in 10 or fewer", so that no answer shows where all agree.'
    )
    cannot_tell = _l(
        "Those who did not answer may feel otherwise. A no can be about the questions, the place or the day."
    )

    @classmethod
    def count(cls, start: datetime, end: datetime) -> Self:
        newest_first = func.row_number().over(
            partition_by=Pulse.resident_id, order_by=(Pulse.at.desc(), Pulse.id.desc())
        )
        said = select(Pulse.resident_id, Pulse.feels, newest_first.label("place"))
        newest = said.where(Pulse.by_id == Pulse.resident_id, *within(Pulse.at, start, end)).cte()
        asked = union(
            select(Assessment.resident_id).where(*within(Assessment.finished_at, start, end)),
            select(Conversation.resident_id).where(*within(Conversation.talked_on, day_of(start), day_of(end))),
        ).cte()
        yes = func.count().filter(newest.c.feels == Feels.YES)
        # whoever answers now was perhaps asked before these weeks: their answer counts, and not for the response
        answered = func.count().filter(newest.c.resident_id.in_(select(asked.c.resident_id)))
        query = select(func.count(), yes, answered, _number_of(asked))
        people, happy, of_them, were_asked = db.session.execute(query.where(newest.c.place == 1)).one()
        return cls.of(people >= least_people(), happy, people, of_them, were_asked)


class Coaches(Felt):
    title = _l("Feels right to coaches")
    definition = _l(
        'Of the coaches\' answers to "Did this feel right to you?" in these weeks, those that are yes. '
        "We ask after conversations. Response: the conversations with an answer, of those written down in these weeks, "
        "where these are enough. "
        "Shown in tenths, when the weeks are over, and only where at least 3 coaches answered, and often enough; "
        'never above "8 in 10 or more" nor below "2 in 10 or fewer", so that no answer shows where all agree.'
    )
    cannot_tell = _l("It cannot tell how the talk felt to the resident. A hard talk can be a right one.")

    @classmethod
    def count(cls, start: datetime, end: datetime) -> Self:
        theirs = Pulse.by_id != Pulse.resident_id, *within(Pulse.at, start, end)
        answers = select(Pulse.conversation_id, Pulse.by_id, Pulse.feels).where(*theirs).cte()
        asked = select(Conversation.id).where(*within(Conversation.written_at, start, end)).cte()
        of_them = answers.c.conversation_id.in_(select(asked.c.id))
        query = select(
            func.count(answers.c.by_id.distinct()),
            func.count(),
            func.count().filter(answers.c.feels == Feels.YES),
            func.count(answers.c.conversation_id.distinct()).filter(of_them),
            _number_of(asked),
        )
        people, given, happy, talks, were_asked = db.session.execute(query.select_from(answers)).one()
        # of three coaches with an answer each a share would tell who
        return cls.of(people >= LEAST_COACHES and given >= least_people(), happy, given, talks, were_asked)


class Promises(Felt):
    title = _l("Promises kept")
    definition = _l(
        "Of our promises for a day in these weeks that residents answered, those they say we kept. "
        "Partly kept is not kept; not yet is no answer yet. Promises that were let go, and those to residents who "
        "have died, are left out. Response: the promises with an answer, of all that were for a day in these weeks. "
        "Shown in tenths, when the weeks are over, and only where enough different people answered; "
        'never above "8 in 10 or more" nor below "2 in 10 or fewer", so that no answer shows where all agree.'
    )
    cannot_tell = _l("It cannot tell how big a promise was, and knows none that nobody wrote down.")

    @classmethod
    def count(cls, start: datetime, end: datetime) -> Self:
        answered = KeptAnswer.kept != Kept.NOT_YET
        query = select(
            func.count(Promise.resident_id.distinct()).filter(answered),
            func.count().filter(KeptAnswer.kept == Kept.YES),
            func.count().filter(answered),
            func.count(),
        )
        query = query.select_from(PromiseWording).join(PromiseWording.promise).outerjoin(Promise.answer)
        query = query.where(Promise.side == Side.LANDLORD, Promise.let_go_at.is_(None))
        query = query.where(PromiseWording.superseded_at.is_(None), PromiseWording.taken_back_at.is_(None))
        due = within(PromiseWording.due_on, day_of(start), day_of(end))
        query = query.where(*due, Promise.resident_id.not_in(died()))
        people, kept, said, were_due = db.session.execute(query).one()
        return cls.of(people >= least_people(), kept, said, said, were_due)


def _number_of(rows: Any) -> Any:
    return select(func.count()).select_from(rows).scalar_subquery()
