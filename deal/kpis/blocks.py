"""Blocks of four weeks: worked out while they run, frozen 14 days after their end, published as frozen."""

from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from flask_babel import force_locale, get_locale
from sqlalchemy import String, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, mapped_column

from deal.accounts.auth_models import SignIn
from deal.accounts.invitation_models import Invitation
from deal.db import block_of, day_of, db, insert_into, now, start_of, today, week_of
from deal.kpis.counted import Blockers, Goals, Hurting, OwnWords, Reach, Wait
from deal.kpis.felt import Coaches, Felt, Promises, Residents
from deal.kpis.number import Number, Told
from deal.summaries.prints import Worker
from deal.tenths import least_people

BLOCK, WEEK = timedelta(days=28), timedelta(days=7)
JUMP = timedelta(days=31)  # since the last daily work: then the clock may be wrong, and what is frozen stays frozen
SETTLES = timedelta(days=14)  # so long after its end what happened in a block may still be written down
MOST_AT_ONCE = 30
NUMBERS: dict[str, type[Number]] = dict(
    **dict(reach=Reach, wait=Wait, residents=Residents, coaches=Coaches, own_words=OwnWords, promises=Promises),
    **dict(blockers=Blockers, hurting=Hurting, goals=Goals),
)


@dataclass(frozen=True)
class About:
    """What a number is called, what it is, and what it cannot tell."""

    title: str
    definition: str
    cannot_tell: str


@dataclass(frozen=True)
class Figures:
    """One block. What people said or felt is None while it runs.

    A published one says when it was frozen, and keeps the definitions and the threshold that were in force: by
    language, then by number, what it is and what it cannot tell.
    """

    block: date  # its first Monday
    reach: Reach
    wait: Wait
    own_words: OwnWords
    blockers: Blockers
    hurting: Hurting
    goals: Goals
    residents: Residents | None = None
    coaches: Coaches | None = None
    promises: Promises | None = None
    frozen_at: datetime | None = None
    definitions: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    least_people: int | None = None

    def told(self) -> dict[str, Told]:
        """Each of the eight that can be told yet, in their order."""
        return {name: getattr(self, name).told() for name in NUMBERS if name != "goals" and getattr(self, name)}


def about(block: Figures | None) -> dict[str, About]:
    """Each number's, as it was when the block was published; as they are now, where there is none."""
    frozen = block.definitions if block else {}
    said = frozen.get(str(get_locale())) or frozen.get("en") or {}
    return {name: About(str(one.title), *said.get(name, _defined(one))) for name, one in NUMBERS.items()}


def _defined(number: type[Number]) -> list[str]:
    return [str(number.definition), str(number.cannot_tell)]


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
        kept = {name: self.figures[name] for name in NUMBERS}
        weeks = {name: {"weeks": list(map(tuple, one["weeks"]))} for name, one in kept.items() if "weeks" in one}
        numbers: dict[str, Any] = {name: one(**kept[name] | weeks.get(name, {})) for name, one in NUMBERS.items()}
        numbers |= {"frozen_at": self.frozen_at, "definitions": self.definitions, "least_people": self.least_people}
        return Figures(self.block, **numbers)


def running() -> Figures:
    """The block of today, without what people said or felt; and what managers said in the last four weeks."""
    block = block_of(today())
    span = start_of(block), start_of(week_of(today()) + WEEK)
    plain = {name: one for name, one in NUMBERS.items() if one is not Hurting and not issubclass(one, Felt)}
    counted: dict[str, Any] = {name: one.count(*span) for name, one in plain.items()}
    said = Hurting.count(start_of(week_of(today()) + WEEK - BLOCK), span[1])
    return Figures(block, **counted, hurting=replace(said, hours=None))


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
    figures = {name: asdict(one.count(start_of(block), start_of(block + BLOCK))) for name, one in NUMBERS.items()}
    definitions = {}
    for language in ("en", "cy"):
        with force_locale(language):
            definitions[language] = {name: _defined(one) for name, one in NUMBERS.items()}
    row = {"figures": figures, "definitions": definitions, "least_people": least_people()}
    insert = insert_into(FrozenBlock).values(block=block, edition=edition, frozen_at=now(), **row, **more)
    made = db.session.scalar(insert.on_conflict_do_nothing().returning(FrozenBlock.id))
    db.session.commit()
    return made is not None
