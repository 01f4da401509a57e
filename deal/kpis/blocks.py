"""Blocks of four weeks: worked out while they run, frozen 14 days after their end, published as frozen."""

from dataclasses import asdict, replace
from datetime import date, datetime, timedelta
from typing import Any

from flask_babel import force_locale
from sqlalchemy import String, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, mapped_column

from deal.accounts.models import Invitation, SignIn
from deal.db import block_of, day_of, db, insert_into, now, start_of, today, week_of
from deal.kpis import counted, felt
from deal.kpis.definitions import CANNOT_TELL, DEFINITIONS
from deal.kpis.figures import Blockers, Felt, Figures, Goals, Hurting, OwnWords, Reach, Wait
from deal.summaries.prints import Worker
from deal.tenths import least_people

BLOCK, WEEK = timedelta(days=28), timedelta(days=7)
JUMP = timedelta(days=31)  # since the last daily work: then the clock may be wrong, and what is frozen stays frozen
SETTLES = timedelta(days=14)  # so long after its end what happened in a block may still be written down
MOST_AT_ONCE = 30
COUNTED: dict[str, Any] = dict(reach=Reach, wait=Wait, blockers=Blockers, hurting=Hurting, goals=Goals)
FELT = dict.fromkeys(("residents", "coaches", "promises"), Felt)
SHAPES = COUNTED | FELT | {"own_words": OwnWords}


class FrozenBlock(db.Model):
    """The figures of a block as they were published, with their definitions; nothing in it is ever changed.

    A block that was frozen by mistake is frozen again: its newest edition holds, the earlier ones are its history.
    """

    block: Mapped[date]  # its first Monday
    edition: Mapped[int] = mapped_column(default=1)
    frozen_by: Mapped[str | None] = mapped_column(String(200))  # who froze it again; nobody: the daily work
    why: Mapped[str | None] = mapped_column(String(1000))
    frozen_at: Mapped[datetime] = mapped_column(default=now)
    figures: Mapped[dict[str, Any]]  # of what people said or felt only tenths
    definitions: Mapped[dict[str, Any]]  # by language, then by figure: what it is, what it cannot tell
    least_people: Mapped[int]

    __table_args__ = (UniqueConstraint("block", "edition"),)

    def told(self) -> Figures:
        """The figures in their shapes."""
        shaped: dict[str, Any] = {name: shape(**self.figures[name]) for name, shape in SHAPES.items()}
        for name in ("reach", "hurting"):
            shaped[name] = replace(shaped[name], weeks=[tuple(one) for one in shaped[name].weeks])
        shaped |= {"frozen_at": self.frozen_at, "definitions": self.definitions, "least_people": self.least_people}
        return Figures(block=self.block, **shaped)


def running() -> Figures:
    """The block of today, without what people said or felt."""
    block, end = block_of(today()), week_of(today()) + WEEK
    return Figures(block=block, residents=None, coaches=None, promises=None, **_counted(start_of(block), start_of(end)))


def published(most: int = 6, until: date = date.max) -> list[Figures]:
    """The last frozen blocks up to one, the oldest first, in one statement."""
    holding = select(func.max(FrozenBlock.id)).where(FrozenBlock.frozen_at <= now()).group_by(FrozenBlock.block)
    newest_first = select(FrozenBlock).where(FrozenBlock.id.in_(holding), FrozenBlock.block <= until)
    newest_first = newest_first.order_by(FrozenBlock.block.desc()).limit(most)
    return [row.told() for row in db.session.scalars(newest_first)][::-1]


# by which a clock that is wrong shows
LAST_DAYS = {
    "daily_on": select(Worker.daily_on).where(Worker.id == 1),
    "invited_at": select(func.max(Invitation.made_at)),
    "signed_in_until": select(SignIn.runs_out_at).where(SignIn.id == select(func.max(SignIn.id)).scalar_subquery()),
}


def jumped_since(last: Any) -> date | None:
    """The day of the last daily work, else of the newest invitation or sign-in, where it is more than a month ago."""
    others = [day_of(one) for one in (last.invited_at, last.signed_in_until) if one]
    since = last.daily_on or max(others, default=None)
    return since if since and today() - since > JUMP else None


def clock_jumped() -> date | None:
    """The same, asked for."""
    columns = [one.scalar_subquery().label(name) for name, one in LAST_DAYS.items()]
    return jumped_since(db.session.execute(select(*columns)).one())


def first_block() -> date | None:
    """The block of the first invitation: before it there is nothing to count."""
    begun = db.session.scalar(select(func.min(Invitation.made_at)))
    return block_of(day_of(begun)) if begun else None


def freeze(until: date) -> int:
    """Freeze every block that ended 14 days before that day, and is not frozen yet; how many. Commits."""
    first = first_block()
    if first is None:
        return 0
    last = block_of(until - SETTLES) - BLOCK
    block = max(first, last - BLOCK * (MOST_AT_ONCE - 1))
    rows = db.session.execute(select(FrozenBlock.block, FrozenBlock.frozen_at).where(FrozenBlock.block >= block)).all()
    frozen = {one for one, at in rows if at <= now()}
    too_early = [one for one, at in rows if at > now()]  # by a clock that was ahead, and has been put right
    count = 0
    while block <= last:
        count += block not in frozen and _freeze(block, 1 + too_early.count(block))
        block += BLOCK
    return count


def freeze_again(block: date, by: str, why: str) -> None:
    """A new edition of a block that has settled. Commits."""
    last = db.session.scalar(select(func.max(FrozenBlock.edition)).filter_by(block=block)) or 0
    _freeze(block, last + 1, frozen_by=by, why=why)


def _freeze(block: date, edition: int = 1, **more: str) -> bool:
    """Whether that made a row: not where another process was quicker. Commits."""
    instants = start_of(block), start_of(block + BLOCK)
    asked = {name: getattr(felt, name)(*instants) for name in FELT}
    figures = {name: asdict(figure) for name, figure in (_counted(*instants) | asked).items()}
    row = {"figures": figures, "definitions": _definitions(), "least_people": least_people()}
    insert = insert_into(FrozenBlock).values(block=block, edition=edition, frozen_at=now(), **row, **more)
    made = db.session.scalar(insert.on_conflict_do_nothing().returning(FrozenBlock.id))
    db.session.commit()
    return made is not None


def _counted(start: datetime, end: datetime) -> dict[str, Any]:
    block = {name: getattr(counted, name)(start, end) for name in COUNTED}
    return block | {"own_words": counted.own_words()}


def _definitions() -> dict[str, dict[str, list[str]]]:
    said = {}
    for language in ("en", "cy"):
        with force_locale(language):
            said[language] = {name: [str(what), str(CANNOT_TELL[name])] for name, what in DEFINITIONS.items()}
    return said
