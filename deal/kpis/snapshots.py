"""Blocks of four weeks: worked out while they run, frozen 14 days after their end, published as frozen."""

from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from typing import Any

from flask_babel import force_locale, get_locale
from sqlalchemy import func, select

from deal.auth.models import SignIn
from deal.clock import block_of, day_of, now, start_of, today, week_of
from deal.db import db, insert_into
from deal.invitations.models import Invitation
from deal.kpis.models import FrozenBlock
from deal.kpis.number import KpiView, Number
from deal.kpis.operational import Blockers, Goals, Hurting, OwnWords, Reach, Wait
from deal.kpis.sentiment import Coaches, Felt, Promises, Residents
from deal.printing.models import Worker
from deal.tenths import least_people

BLOCK, WEEK = timedelta(days=28), timedelta(days=7)
JUMP = timedelta(days=31)  # since the last daily work: then the clock may be wrong, and what is frozen stays frozen
SETTLES = timedelta(days=14)  # so long after its end what happened in a block may still be written down
MOST_AT_ONCE = 30
# the eight, as they stand on the page, the sheet, in the file and in a frozen block; and goals beside them
NUMBERS: dict[str, type[Number]] = {
    "reach": Reach,
    "wait": Wait,
    "residents": Residents,
    "coaches": Coaches,
    "own_words": OwnWords,
    "promises": Promises,
    "blockers": Blockers,
    "hurting": Hurting,
    "goals": Goals,
}
Figures = dict[str, Any]  # numbers by their names


@dataclass(frozen=True)
class About:
    """What a number is called, what it is, and what it cannot tell."""

    title: str
    definition: str
    cannot_tell: str


def about(block: FrozenBlock | None) -> dict[str, About]:
    """Each number's, as it was when the block was published; as they are now, where there is none."""
    frozen = block.definitions if block else {}
    said = frozen.get(str(get_locale())) or frozen.get("en") or {}
    return {name: About(str(one.title), *said.get(name, _defined(one))) for name, one in NUMBERS.items()}


def _defined(number: type[Number]) -> list[str]:
    return [str(number.definition), str(number.cannot_tell)]


def figures_of(block: FrozenBlock) -> Figures:
    """The numbers of a block as they were published."""
    return {name: one(**block.figures[name]) for name, one in NUMBERS.items()}


def told(figures: Figures) -> dict[str, KpiView]:
    """Each of them in words."""
    return {name: one.told() for name, one in figures.items()}


def last_day(block: FrozenBlock) -> date:
    return block.block + BLOCK - timedelta(days=1)


def running() -> Figures:
    """Those of today's block, without what people said or felt; and what managers said in the last four weeks."""
    end = start_of(week_of(today()) + WEEK)
    since = dict.fromkeys(NUMBERS, start_of(block_of(today()))) | {"hurting": start_of(week_of(today()) + WEEK - BLOCK)}
    plain = {name: one for name, one in NUMBERS.items() if not issubclass(one, Felt)}
    counted: Figures = {name: one.count(since[name], end) for name, one in plain.items()}
    return counted | {"hurting": replace(counted["hurting"], hours=None)}


def published(most: int = 6, until: date = date.max) -> list[FrozenBlock]:
    """The last frozen blocks up to one, the oldest first, in one statement."""
    holding = select(func.max(FrozenBlock.id)).where(FrozenBlock.frozen_at <= now()).group_by(FrozenBlock.block)
    newest_first = select(FrozenBlock).where(FrozenBlock.id.in_(holding), FrozenBlock.block <= until)
    return list(db.session.scalars(newest_first.order_by(FrozenBlock.block.desc()).limit(most)))[::-1]


# by which a clock that is wrong shows
LAST_DAYS = {
    "daily_on": select(Worker.daily_on).where(Worker.id == 1),
    "invited_at": select(func.max(Invitation.made_at)),
    "signed_in_until": select(SignIn.runs_out_at).where(SignIn.id == select(func.max(SignIn.id)).scalar_subquery()),
}


def clock_jumped(last: Any = None) -> date | None:
    """The day of the last daily work, else of the newest invitation or sign-in, where it is more than a month ago.

    `last` is a row with LAST_DAYS, where they were read already.
    """
    if last is None:
        last = db.session.execute(select(*(one.scalar_subquery().label(name) for name, one in LAST_DAYS.items()))).one()
    others = [day_of(one) for one in (last.invited_at, last.signed_in_until) if one]
    since = last.daily_on or max(others, default=None)
    return since if since and today() - since > JUMP else None


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
    due = [block + BLOCK * place for place in range((last - block) // BLOCK + 1)]
    return sum(_freeze(one, 1 + too_early.count(one)) for one in due if one not in frozen)


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
