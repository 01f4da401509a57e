"""Blockers, the headings under which managers gather those that were passed on, and the changes that answer them."""

import enum
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from flask import url_for
from sqlalchemy import ForeignKey, Select, String, Text, and_, func, select, union_all, update
from sqlalchemy.orm import Mapped, contains_eager, joinedload, mapped_column, relationship

from deal.auth.tokens import derive_code
from deal.clock import now
from deal.contact.models import died_of
from deal.db import Version, db, index_where, number_sent, values_of
from deal.drafts.models import forget_drafts_at
from deal.goals.models import CheckIn, Goal
from deal.pagination import Page, page_of
from deal.people import Person, suspended_staff


class Whose(enum.Enum):
    MINE = "mine"
    SOMEBODY = "somebody"
    LANDLORD = "landlord"  # the landlord's own rules and ways
    SERVICE = "service"
    UNKNOWN = "unknown"


# what managers may hear of, once the resident said yes
PASSABLE = (Whose.LANDLORD, Whose.SERVICE)
LATELY = timedelta(days=28)  # so long an answer stands on the first page


class Heading(db.Model):
    """What managers gather like blockers under; it stands on the list of changes once it has an answer."""

    words: Mapped[str] = mapped_column(String(200))
    language: Mapped[str] = mapped_column(String(10))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))  # of the staff
    due_on: Mapped[date | None]
    made_at: Mapped[datetime] = mapped_column(default=now)
    made_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    answered_at: Mapped[datetime | None]  # first
    removed_at: Mapped[datetime | None]  # as the newest changes say: from then on it no longer stands in the way
    owner: Mapped[Person | None] = relationship(foreign_keys=owner_id)
    changes: Mapped[list["Change"]] = relationship(order_by="Change.id.desc()", passive_deletes=True)
    change: Mapped["Change | None"] = relationship(
        primaryjoin=lambda: and_(Change.heading_id == Heading.id, Change.superseded_at.is_(None)), viewonly=True
    )


class Change(Version, db.Model):
    """What the landlord did about a heading, or why not, in the landlord's words; a later one takes its place."""

    heading_id: Mapped[int] = mapped_column(ForeignKey("heading.id", ondelete="CASCADE"), index=True)
    done: Mapped[bool]  # changed; else the words say why not
    words: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(10))
    at: Mapped[datetime] = mapped_column(default=now)
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    heading: Mapped[Heading] = relationship(viewonly=True)
    by: Mapped[Person] = relationship()

    __table_args__ = (index_where("superseded_at IS NULL", "uq_change_one_holds", "heading_id", unique=True),)


def mark_of(number: int) -> str:
    """What only the server can make of a blocker's number."""
    return derive_code(str(number), "blocker", 10)


class Blocker(db.Model):
    """What got in a resident's way. Managers read only `passed_words`, and those only while `passed_on` has a day."""

    resident_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    check_in_id: Mapped[int | None] = mapped_column(ForeignKey("check_in.id", ondelete="CASCADE"), index=True)
    conversation_id: Mapped[int | None] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"), index=True)
    whose: Mapped[Whose] = mapped_column(values_of(Whose))
    words: Mapped[str | None] = mapped_column(Text)  # where it has none of its own, the check-in's
    language: Mapped[str] = mapped_column(String(10))
    opened_at: Mapped[datetime] = mapped_column(default=now)
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id", deferrable=True, initially="DEFERRED"))
    passed_words: Mapped[str | None] = mapped_column(Text)  # as managers would read them
    passed_language: Mapped[str | None] = mapped_column(String(10))
    passed_on: Mapped[datetime | None]  # the resident's yes: that day's first instant, so that no order tells who
    kept_at: Mapped[datetime | None]  # the resident's no, or their yes taken back
    gone_at: Mapped[datetime | None]  # no longer in the way, says the resident or their coach
    taken_back_at: Mapped[datetime | None]  # by the resident: no word of it is left
    heading_id: Mapped[int | None] = mapped_column(ForeignKey("heading.id", ondelete="SET NULL"), index=True)
    gathered_at: Mapped[datetime | None]  # under that heading
    check_in: Mapped[CheckIn | None] = relationship()
    by: Mapped[Person] = relationship(foreign_keys=by_id)
    heading: Mapped[Heading | None] = relationship()

    __table_args__ = (
        index_where(
            "passed_on IS NOT NULL AND gone_at IS NULL",
            "ix_blocker_waiting",
            *("heading_id", "passed_on", "gone_at", "resident_id"),
        ),
        index_where(
            "passed_on IS NOT NULL",
            "ix_blocker_counted",
            *("whose", "passed_on", "gone_at", "heading_id", "resident_id"),
        ),
    )

    # stands for it on pages of managers: by its number they could sort one resident's together
    mark = property(lambda self: mark_of(self.id))

    @property
    def said(self) -> str | None:
        """The words that say what got in the way."""
        told = self.check_in if self.check_in and not self.check_in.not_agreed_at else None
        return self.words or (told.in_the_way if told else None)

    @property
    def waits_for_a_yes(self) -> bool:
        """Whether the resident has still to say if it may be passed on."""
        return bool(self.passed_words) and not (self.passed_on or self.kept_at)

    @property
    def may_be_written_for_managers(self) -> bool:
        """Whether the coach may write it afresh: not over an answer, nor where others cannot change it."""
        answered = self.passed_on or self.kept_at or self.taken_back_at
        return not answered and self.whose not in (Whose.MINE, Whose.SOMEBODY)

    @property
    def change(self) -> Change | None:
        """The landlord's answer."""
        return self.heading.change if self.heading and self.passed_on else None

    @property
    def answered_lately(self) -> bool:
        """Whether its answer is new to the resident."""
        known = self.change and max(self.change.at, self.gathered_at or self.change.at)
        return bool(known and known > now() - LATELY)


def _of(resident: Person) -> Select:
    query = select(Blocker).where(Blocker.resident_id == resident.id)
    query = query.outerjoin(Blocker.heading).outerjoin(Heading.change)
    answer = contains_eager(Blocker.heading).contains_eager(Heading.change)
    return query.options(answer, joinedload(Blocker.check_in), joinedload(Blocker.by))


def blocker_of(resident: Person, number: int) -> Blocker | None:
    return db.session.scalar(_of(resident).where(Blocker.id == number))


def blocker_from(check_in: CheckIn) -> Blocker | None:
    """The blocker that a check-in has become already."""
    query = select(Blocker).where(Blocker.check_in_id == check_in.id, Blocker.taken_back_at.is_(None))
    return db.session.scalar(query.limit(1))


_OPEN = Blocker.taken_back_at.is_(None) & Blocker.gone_at.is_(None) & Heading.removed_at.is_(None)
_ASKED = Blocker.passed_words.is_not(None) & Blocker.passed_on.is_(None) & Blocker.kept_at.is_(None)


def blockers_in_short(resident: Person) -> Sequence[Blocker]:
    """For a first page: what waits for a yes, then what was answered lately, then what else is open; eight at most."""
    since = now() - LATELY
    lately = Blocker.passed_on.is_not(None) & (
        (Change.at > since) | (Change.id.is_not(None) & (Blocker.gathered_at > since))
    )
    shown = _OPEN | (lately & Blocker.gone_at.is_(None))
    place = db.case((_ASKED, 0), (lately, 1), else_=2)
    return db.session.scalars(_of(resident).where(shown).order_by(place, Blocker.id.desc()).limit(8)).all()


def ask_for_a_yes(blocker: Blocker, words: str, language: str, whose: Whose) -> bool:
    """Ask the resident if these words may be passed on, unless they have answered. The caller commits."""
    if not blocker.may_be_written_for_managers:
        return False
    # they may answer at this very moment, and nothing is written over their answer
    unanswered = Blocker.passed_on.is_(None), Blocker.kept_at.is_(None), Blocker.taken_back_at.is_(None)
    asked = update(Blocker).where(Blocker.id == blocker.id, *unanswered)
    written = db.session.execute(asked.values(passed_words=words, passed_language=language, whose=whose))
    return bool(written.rowcount)  # type: ignore[attr-defined]


def in_the_way(resident: Person, number: str | None) -> CheckIn | None:
    """The resident's check-in of that number, where it says what got in the way."""
    query = select(CheckIn).join(Goal, Goal.id == CheckIn.goal_id).where(Goal.resident_id == resident.id)
    said = CheckIn.in_the_way.is_not(None), CheckIn.not_agreed_at.is_(None)
    return db.session.scalar(query.where(CheckIn.id == number_sent(number), *said))


def forget_words_from(check_in_id: int) -> None:
    """A check-in was taken back: what was copied from it goes too. The caller commits."""
    gone = {"words": None, "passed_words": None, "passed_on": None, "kept_at": now(), "taken_back_at": now()}
    copied = update(Blocker).where(Blocker.check_in_id == check_in_id).values(**gone)
    for row in db.session.execute(copied.returning(Blocker.id, Blocker.resident_id)):
        forget_drafts_about(row)


def forget_drafts_about(row: Any) -> None:
    """What was typed to pass a blocker on begins with its words; the caller commits."""
    at = {"resident_id": row.resident_id, "blocker_id": row.id}
    forget_drafts_at(row.resident_id, url_for("blockers.pass_on", **at), url_for("blockers.write_for_managers", **at))


# -- what managers see: never a resident's number or name, never the hour

# numbers of one resident stand side by side; their order within a day says nothing
_MIXED = Blocker.id * 7919 % 10_007
# the one rule for "Needs an answer", what to unblock, the figures and the files: nothing of those who have died
ALIVE = ~died_of(Blocker.resident_id)
PASSED = Blocker.passed_on.is_not(None) & ALIVE
_LOOSE = PASSED, Blocker.heading_id.is_(None), Blocker.gone_at.is_(None)


def loose_page(after: str | None) -> Page:
    """What was passed on and stands under no heading yet, the oldest day first."""
    return page_of(select(Blocker).where(*_LOOSE), Blocker.passed_on, _MIXED, Blocker.id, after=after, size=25)


def gathered_page(heading: Heading, after: str | None) -> Page:
    """What stands under a heading, also where a yes was taken back (its words do not show)."""
    under = select(Blocker).where(Blocker.heading_id == heading.id, ALIVE)
    return page_of(under, _MIXED, Blocker.id, after=after, size=25)


def headings_page(after: str | None) -> Page:
    """(heading, how many stand under it, their oldest day): those without an answer first and the oldest of them."""
    under = Blocker.heading_id == Heading.id, PASSED
    count = select(func.count(Blocker.id)).where(*under).scalar_subquery()
    oldest = select(func.min(Blocker.passed_on)).where(*under).scalar_subquery()
    query = select(Heading, count, oldest).options(joinedload(Heading.owner), joinedload(Heading.change))
    answered = Heading.answered_at.is_not(None)
    place = db.case((answered, 1), else_=0), db.case((answered, -Heading.id), else_=Heading.id)
    return page_of(query, *place, after=after, size=20)


def marked(marks: Iterable[str], *where: Any) -> list[int]:
    """The numbers of those that were sent, among those for which this holds."""
    sent = set(marks)
    return [one for one in db.session.scalars(select(Blocker.id).where(*where)) if mark_of(one) in sent] if sent else []


def gather(numbers: Iterable[int], heading: Heading) -> int:
    """Put passed-on blockers under a heading; how many stand there now. One under another heading stays there."""
    free = Blocker.heading_id.is_(None) | (Blocker.heading_id == heading.id)
    them = update(Blocker).where(Blocker.id.in_(numbers), PASSED, free)
    return db.session.execute(them.values(heading_id=heading.id, gathered_at=now())).rowcount  # type: ignore[attr-defined]


def changes_page(after: str | None) -> Page:
    """You said, we changed: the answer that holds for each heading, newest first."""
    query = select(Change).where(Change.superseded_at.is_(None)).options(joinedload(Change.heading))
    return page_of(query, Change.id.desc(), after=after, size=20)


def waiting_for_managers() -> Select:
    """How many were passed on and have neither an owner nor an answer, whosever to change."""
    ownerless = Heading.owner_id.is_(None) | Heading.owner_id.in_(suspended_staff())
    passed, still = select(Blocker.id), (PASSED, Blocker.gone_at.is_(None))
    nobodys = passed.join(Blocker.heading).where(*still, ownerless, Heading.answered_at.is_(None))
    return select(func.count()).select_from(union_all(passed.where(*_LOOSE), nobodys).subquery())
