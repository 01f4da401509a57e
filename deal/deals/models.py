"""Promises of both sides with every wording, the resident's answers, and each version of the deal that both agreed."""

import enum
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ForeignKey, Index, Select, String, Text, UniqueConstraint, and_, func, select
from sqlalchemy.orm import Mapped, contains_eager, joinedload, mapped_column, relationship, selectinload

from deal.clock import now, today
from deal.db import Version, db, index_where, lock, supersede, values_of
from deal.goals.models import IS_CONFIRMED, Goal, State, Wording
from deal.pagination import Page, page_of
from deal.people import Assignment, Person, Typed, assigned_now


class Side(enum.Enum):
    """Whose half of the deal it is."""

    LANDLORD = "landlord"
    RESIDENT = "resident"


class Kept(enum.Enum):
    """Whether the landlord kept a promise, as the resident sees it."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"
    NOT_YET = "not_yet"  # ask again later


ASK_AGAIN = timedelta(days=7)
MOST_SHOWN = 30


class Promise(db.Model):
    """What one side will do. Only the landlord's is ever asked about; nobody marks a resident's."""

    resident_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    side: Mapped[Side] = mapped_column(values_of(Side))
    made_at: Mapped[datetime] = mapped_column(default=now)
    let_go_at: Mapped[datetime | None]  # by the side whose it is; nobody asks why
    let_go_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", deferrable=True, initially="DEFERRED"))
    resident: Mapped[Person] = relationship(foreign_keys=resident_id)
    current_wording: Mapped["PromiseWording"] = relationship(
        primaryjoin=lambda: and_(PromiseWording.promise_id == Promise.id, PromiseWording.superseded_at.is_(None)),
        viewonly=True,
    )
    answer: Mapped["KeptAnswer | None"] = relationship(  # the resident's newest: it holds
        primaryjoin=lambda: and_(KeptAnswer.promise_id == Promise.id, KeptAnswer.superseded_at.is_(None)), viewonly=True
    )
    wordings: Mapped[list["PromiseWording"]] = relationship(order_by="PromiseWording.id", passive_deletes=True)
    answers: Mapped[list["KeptAnswer"]] = relationship(order_by="KeptAnswer.id", passive_deletes=True)
    notes: Mapped[list["PromiseNote"]] = relationship(order_by="PromiseNote.id", passive_deletes=True)

    __table_args__ = (Index("ix_promise_resident_id_id", "resident_id", "id"),)

    @property
    def is_ours(self) -> bool:
        return self.side is Side.LANDLORD

    @property
    def is_fixed(self) -> bool:
        """Whether its words stay: let go, taken back, or the resident has said whether it was kept."""
        gone = self.let_go_at or self.current_wording.taken_back_at
        return gone is not None or (self.answer is not None and self.answer.kept is not Kept.NOT_YET)


class PromiseWording(Typed, Version, db.Model):
    """One version of a promise. The side says whose words they are: the resident's, or those of whom it names."""

    promise_id: Mapped[int] = mapped_column(ForeignKey("promise.id", ondelete="CASCADE"))
    words: Mapped[str] = mapped_column(Text)
    who: Mapped[str] = mapped_column(String(200), default="")  # who of the landlord's does it; empty: the resident
    due_on: Mapped[date | None] = mapped_column(index=True)  # the landlord's alone
    taken_back_at: Mapped[datetime | None]  # by the resident, where it is theirs: no word of it is left
    promise: Mapped[Promise] = relationship(viewonly=True)

    __table_args__ = (
        Index("ix_promise_wording_promise_id_id", "promise_id", "id"),
        index_where("superseded_at IS NULL", "uq_promise_wording_one_holds", "promise_id", unique=True),
    )


class KeptAnswer(Version, db.Model):
    """Whether the landlord kept a promise: said by the resident alone, and never changed; a newer one holds."""

    promise_id: Mapped[int] = mapped_column(ForeignKey("promise.id", ondelete="CASCADE"))
    kept: Mapped[Kept] = mapped_column(values_of(Kept))
    at: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (
        Index("ix_kept_answer_promise_id_id", "promise_id", "id"),
        index_where("superseded_at IS NULL", "uq_kept_answer_one_holds", "promise_id", unique=True),
    )


class PromiseNote(Typed, db.Model):
    """What staff say beside a resident's answer."""

    promise_id: Mapped[int] = mapped_column(ForeignKey("promise.id", ondelete="CASCADE"), index=True)
    words: Mapped[str] = mapped_column(Text)


class Deal(db.Model):
    """A version of the deal: which wordings of goals and promises."""

    resident_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    made_at: Mapped[datetime] = mapped_column(default=now)
    agreed_on: Mapped[date | None]  # by both; until then it is only proposed
    fingerprint: Mapped[str] = mapped_column(String(64), unique=True)  # of what it says: the same for both sides
    parts: Mapped[list["DealPart"]] = relationship(order_by="DealPart.id", passive_deletes=True)
    agreements: Mapped[list["Agreement"]] = relationship(order_by="Agreement.id", passive_deletes=True)

    __table_args__ = (Index("ix_deal_resident_id_id", "resident_id", "id"),)


class DealPart(db.Model):
    """A goal or a promise in the wording that stood in a deal: the row and no copy, so that taking back reaches it."""

    deal_id: Mapped[int] = mapped_column(ForeignKey("deal.id", ondelete="CASCADE"), index=True)
    wording_id: Mapped[int | None] = mapped_column(ForeignKey("wording.id", ondelete="CASCADE"), index=True)
    promise_wording_id: Mapped[int | None] = mapped_column(
        ForeignKey("promise_wording.id", ondelete="CASCADE"), index=True
    )
    wording: Mapped[Wording | None] = relationship()
    promise_wording: Mapped[PromiseWording | None] = relationship()


class Agreement(db.Model):
    """One side agreed to a version: at their own sign-in, or on paper that somebody saw."""

    deal_id: Mapped[int] = mapped_column(ForeignKey("deal.id", ondelete="CASCADE"))
    side: Mapped[Side] = mapped_column(values_of(Side))
    agreed_on: Mapped[date]
    seen_by: Mapped[str] = mapped_column(String(200))  # who saw the paper; empty: on the screen
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id", deferrable=True, initially="DEFERRED"))  # who pressed
    at: Mapped[datetime] = mapped_column(default=now)
    by: Mapped[Person] = relationship()

    __table_args__ = (UniqueConstraint("deal_id", "side"),)


def _promises(*where: Any) -> Select:
    """Promises for which this holds, with their words now and the answer that holds."""
    query = select(Promise).join(Promise.current_wording).outerjoin(Promise.answer).where(*where)
    return query.options(contains_eager(Promise.current_wording), contains_eager(Promise.answer))


def promises_of(resident: Person) -> list[Promise]:
    """What both sides mean to do now: not let go, not taken back, and not said to be kept; oldest first."""
    query = _promises(*_stand(resident), KeptAnswer.kept.is_distinct_from(Kept.YES))
    query = query.options(contains_eager(Promise.current_wording).joinedload(PromiseWording.typed_by))
    return list(db.session.scalars(query.order_by(Promise.id.desc()).limit(MOST_SHOWN)))[::-1]


def _stand(resident: Person) -> tuple:
    return Promise.resident_id == resident.id, Promise.let_go_at.is_(None), PromiseWording.taken_back_at.is_(None)


def how_many_promised(resident: Person, side: Side) -> Any:
    """A subquery: how many of them there are on one side."""
    count = select(func.count()).select_from(Promise).join(Promise.current_wording)
    return count.where(*_stand(resident), Promise.side == side).scalar_subquery()


def promised_with(resident: Person) -> Sequence[Promise]:
    """What both sides promised and stand by, kept or not, newest first."""
    return db.session.scalars(_promises(*_stand(resident)).order_by(Promise.id.desc()).limit(MOST_SHOWN)).all()


def promise_of(resident: Person, promise_id: int) -> Promise | None:
    """One promise, where it is in this resident's deal, with every wording and answer."""
    query = _promises(Promise.id == promise_id, Promise.resident_id == resident.id)
    said = joinedload(Promise.wordings).joinedload(PromiseWording.typed_by), joinedload(Promise.answers)
    return db.session.scalars(query.options(*said)).unique().one_or_none()


# the landlord's that stand and have no answer, or "not yet": "no" and "partly" answer them too
_DUE = (
    *(Promise.side == Side.LANDLORD, Promise.let_go_at.is_(None), PromiseWording.due_on.is_not(None)),
    KeptAnswer.id.is_(None) | (KeptAnswer.kept == Kept.NOT_YET),
)
_BY_DAY = PromiseWording.due_on, Promise.id


def promise_to_ask(resident: Person) -> Promise | None:
    """The landlord's promise whose day has come longest ago, where the resident has not said whether it was kept."""
    waits = PromiseWording.due_on <= today(), KeptAnswer.id.is_(None) | (KeptAnswer.at <= now() - ASK_AGAIN)
    query = _promises(Promise.resident_id == resident.id, *_DUE, *waits)
    return db.session.scalar(query.order_by(*_BY_DAY).limit(1))


def promises_waiting(resident: Person, most: int = 5) -> Sequence[Promise]:
    """The landlord's promises that have no answer yet, the one whose day comes first, or came longest ago, first."""
    query = _promises(Promise.resident_id == resident.id, *_DUE)
    return db.session.scalars(query.order_by(*_BY_DAY).limit(most)).all()


def answer_if_kept(promise: Promise, kept: Kept) -> None:
    """The newest answer holds, and the earlier ones stay. The caller commits."""
    lock(Promise, promise.id)  # of two at once the later one holds
    supersede(KeptAnswer, promise_id=promise.id)
    db.session.add(KeptAnswer(promise_id=promise.id, kept=kept))


class Due(NamedTuple):
    """A promise of the landlord's that has a day: how its words begin."""

    promise_id: int
    due_on: date
    words: str
    language: str


def promises_due(coach: Person, until: date) -> dict[int, list[Due]]:
    """For each of this coach's residents the landlord's promises that are due by then, the oldest day first."""
    hers = select(Assignment.resident_id).where(*assigned_now(coach))
    begins = func.substr(PromiseWording.words, 1, 300)
    due = select(Promise.resident_id, Promise.id, PromiseWording.due_on, begins, PromiseWording.language)
    due = due.join(Promise.current_wording).outerjoin(Promise.answer).order_by(*_BY_DAY)
    due = due.where(*_DUE, PromiseWording.due_on <= until, Promise.resident_id.in_(hers))
    found: dict[int, list[Due]] = {}
    for resident_id, *one in db.session.execute(due):
        found.setdefault(resident_id, []).append(Due(*one))
    return found


def _agreed(resident: Person) -> Select:
    """The versions that both agreed."""
    return select(Deal).where(Deal.resident_id == resident.id, Deal.agreed_on.is_not(None))


def agreements_to(fingerprint: str) -> dict[Side, Agreement]:
    """Who has agreed to the version that says this."""
    query = select(Agreement).join(Deal, Deal.id == Agreement.deal_id).where(Deal.fingerprint == fingerprint)
    return {one.side: one for one in db.session.scalars(query.options(joinedload(Agreement.by)).order_by(Agreement.id))}


def agreed_page(resident: Person, after: str | None) -> Page:
    """Every version that both agreed, newest first."""
    return page_of(_agreed(resident), Deal.id.desc(), after=after, size=10)


def agreed_deal_of(resident: Person, deal_id: int) -> Deal | None:
    """One version that both agreed, with all that stands in it."""
    wordings = selectinload(Deal.parts).joinedload(DealPart.wording)
    promises = selectinload(Deal.parts).joinedload(DealPart.promise_wording)
    both = promises.joinedload(PromiseWording.promise), promises.joinedload(PromiseWording.typed_by)
    whole = wordings, *both, selectinload(Deal.agreements).joinedload(Agreement.by)
    return db.session.scalar(_agreed(resident).where(Deal.id == deal_id).options(*whole))


@dataclass(frozen=True)
class Halves:
    """What the deal says now, and the version that both agreed last."""

    resident: Person
    goals: Sequence[Wording]  # that they are doing now and that are theirs, oldest first
    waiting: int  # goals whose words nobody has read back: no part of any deal
    promises: list[Promise]
    agreed: Deal | None

    @property
    def parts(self) -> list[tuple[int | None, int | None]]:
        """The numbers of the wordings of goals and of promises."""
        return [*((one.id, None) for one in self.goals), *((None, one.current_wording.id) for one in self.promises)]

    @property
    def wants_agreeing(self) -> bool:
        """Whether something was added or said in other words; what is done or let go needs nobody's agreement."""
        before = {(one.wording_id, one.promise_wording_id) for one in self.agreed.parts} if self.agreed else set()
        return any(one.is_ours for one in self.promises) and not before.issuperset(self.parts)

    @property
    def key(self) -> str:
        """The same for both sides as long as it says the same."""
        said = repr((self.resident.id, self.agreed and self.agreed.id, self.parts))
        return hashlib.sha256(said.encode()).hexdigest()


def halves_of(resident: Person) -> Halves:
    """What the deal with this resident says now."""
    faces = (
        select(Wording, IS_CONFIRMED)
        .join(Goal.current_wording)
        .where(Goal.resident_id == resident.id, Goal.state == State.LIVE)
    )
    faces = faces.where(Wording.taken_back_at.is_(None), Wording.not_agreed_at.is_(None))
    rows = db.session.execute(faces.order_by(IS_CONFIRMED.desc(), Goal.id.desc()).limit(2 * MOST_SHOWN)).all()
    theirs = [wording for wording, is_theirs in rows if is_theirs][:MOST_SHOWN]
    waiting = sum(not is_theirs for _wording, is_theirs in rows)
    newest = _agreed(resident).options(joinedload(Deal.parts)).order_by(Deal.id.desc()).limit(1)
    agreed = db.session.scalars(newest).unique().first()
    return Halves(resident, theirs[::-1], waiting, promises_of(resident), agreed)
