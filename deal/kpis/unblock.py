"""What managers can unblock this week, and the first steps: counts, no names, each with where it is done."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from flask import current_app, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import func, select

from deal.accounts.invitation_models import Invitation
from deal.conversations.asks import Ask
from deal.db import block_of, day_of, db, now, today, week_of
from deal.kpis.blocks import LAST_DAYS, FrozenBlock, jumped_since
from deal.kpis.weekly import BusinessAnswer
from deal.learning.models import Heading, waiting_for_managers
from deal.people import Coaching, Person, Role, is_open, without_a_coach
from deal.settings import PROMISE, ConfirmedSentence, in_our_language, landlord, places_of

HERE_ONLY = ("127.0.0.1", "localhost", "::1", "0.0.0.0")


@dataclass(frozen=True)
class Unblock:
    """One thing to do, and where it is done."""

    sentence: str
    address: str | None = None


@dataclass(frozen=True)
class Step:
    """One of the first steps: what, where, and whether it is done; None where nobody can tell."""

    sentence: str
    address: str | None
    done: bool | None


@dataclass(frozen=True)
class Week:
    """What stands in the way now; the first steps, until somebody is invited; the block of the first invitation."""

    unblock: list[Unblock] | None
    begun: date | None
    steps: Sequence[Step]


def this_week(longest_wait: int | None) -> Week:
    """All that a manager can do now; the longest wait is in days. Two statements."""
    counts = _counts()
    begun = block_of(day_of(counts.first_at)) if counts.first_at else None
    steps = () if begun or counts.residents or counts.published else _first_steps(counts)
    found = _stands_in_the_way(counts, longest_wait) | ({} if steps else _not_set(counts))
    return Week([one for one, stands in found.items() if stands], begun, steps)


def letters_lead_nowhere() -> bool:
    """Whether letters would name an address that no resident's phone can reach; a demonstration is for here only."""
    host = urlsplit(current_app.config["PUBLIC_URL"]).hostname
    return host in HERE_ONLY and landlord().demonstration is None


def _settings(section: str) -> str:
    return url_for("landlord.settings", section=section, _anchor=f"section-{section}")


def _stands_in_the_way(counts: Any, longest_wait: int | None) -> dict[Unblock, Any]:
    """What residents said first."""
    ours, answers = landlord(), partial(url_for, "learning.needs_answer")
    return {
        Unblock(
            _(
                "The daily work has stopped, because our computer's clock jumped by more than a month. "
                "Please ask whoever looks after Deal to put the clock right, or to type: deal daily --go-on"
            )
        ): jumped_since(counts),
        Unblock(
            ngettext(
                "%(num)s thing that gets in residents' way has no owner and no answer.",
                "%(num)s things that get in residents' way have no owner and no answer.",
                counts.waiting,
            ),
            answers(_anchor="blockers"),
        ): counts.waiting,
        Unblock(
            ngettext(
                "Whoever looked after %(num)s heading has left.",
                "Whoever looked after %(num)s headings has left.",
                counts.left,
            ),
            answers(_anchor="headings"),
        ): counts.left,
        Unblock(
            ngettext(
                "The day of %(num)s heading is over, without an answer.",
                "The days of %(num)s headings are over, without an answer.",
                counts.late,
            ),
            answers(_anchor="headings"),
        ): counts.late,
        Unblock(
            ngettext(
                "%(num)s resident asks you for something.", "%(num)s residents ask you for something.", counts.asks
            ),
            answers(_anchor="asks"),
        ): counts.asks,
        Unblock(
            ngettext("%(num)s person has no coach.", "%(num)s people have no coach.", counts.without_coach),
            url_for("accounts.staff", _anchor="without-a-coach"),
        ): counts.without_coach,
        Unblock(
            ngettext(
                "Somebody has waited %(num)s day for a talk. We say: %(days)s.",
                "Somebody has waited %(num)s days for a talk. We say: %(days)s.",
                longest_wait or 0,
                days=ours.contact_days,
            ),
            url_for("accounts.staff", _anchor="workload"),
        ): (longest_wait or 0) > ours.contact_days,
    }


def _not_set(counts: Any) -> dict[Unblock, Any]:
    """What was set once, and is no longer; and the question of the week."""
    ours = landlord()
    return {
        Unblock(_("Letters lead to an address that no phone can reach."), _settings("address")): letters_lead_nowhere(),
        Unblock(_("Confirm the promise to residents: no invitation can be made before."), _settings("promise")): (
            counts.confirmed < len(PROMISE)
        ),
        Unblock(_("Set the weekly places: nobody can be invited before."), _settings("places")): not counts.places,
        Unblock(_("Write the name of your organisation, and whom residents can ring."), _settings("names")): not (
            ours.phone and in_our_language(ours.organisation)
        ),
        Unblock(_("Write whom coaches ring when somebody is in danger."), _settings("help")): not in_our_language(
            ours.danger
        ),
        Unblock(
            _("Say for this week: is it hurting the business?"), url_for("kpis.numbers", _anchor="this-week")
        ): not counts.answers,
    }


def _first_steps(counts: Any) -> list[Step]:
    """From an empty database to the first letter."""
    ours, address = landlord(), current_app.config["PUBLIC_URL"]
    reached = _("Letters say %(address)s. Is that right?", address=address)
    nowhere = _(
        "Letters would say %(address)s, which no phone can reach. Whoever looks after Deal sets DEAL_PUBLIC_URL.",
        address=address,
    )
    danger, new = bool(in_our_language(ours.danger)), url_for("accounts.staff", open="new", _anchor="new")
    return [
        Step(nowhere if letters_lead_nowhere() else reached, _settings("address"), not letters_lead_nowhere()),
        Step(
            _("Write your organisation's name, and whom residents can ring"),
            _settings("names"),
            bool(ours.phone and in_our_language(ours.organisation)),
        ),
        Step(_("Confirm the promise to residents"), _settings("promise"), counts.confirmed == len(PROMISE)),
        Step(_("Set the weekly places"), _settings("places"), bool(counts.places)),
        Step(_("Write whom coaches ring when somebody is in danger"), _settings("help"), danger),
        Step(_("Add the first coach, and send them their link"), new, bool(counts.coaches)),
        Step(_("Print a letter for nobody, and try it"), url_for("landlord.sample_letter"), None),
        Step(_("Then your coach makes the first invitation"), None, False),
    ]


def _counts() -> Any:
    """The small counts, in one statement."""
    open_headings = select(func.count(Heading.id)).where(Heading.answered_at.is_(None))
    counts = {
        "waiting": waiting_for_managers(),
        "asks": select(func.count()).select_from(Ask).where(Ask.answered_at.is_(None), is_open(Ask, now())),
        "without_coach": select(func.count()).select_from(without_a_coach().subquery()),
        "confirmed": select(func.count(ConfirmedSentence.wording.distinct())).where(
            ConfirmedSentence.wording.in_(PROMISE)
        ),
        "left": open_headings.join(Heading.owner).where(Person.closes_at <= now()),
        "answers": select(func.count(BusinessAnswer.id)).where(BusinessAnswer.week == week_of(today())),
        "late": open_headings.where(Heading.due_on < today()),
        "first_at": select(func.min(Invitation.made_at)),
        "residents": select(func.min(Coaching.resident_id)),
        "coaches": select(Person.id).where(Person.role == Role.COACH).limit(1),
        "published": select(FrozenBlock.id).limit(1),
        **LAST_DAYS,
    }
    columns = [one.scalar_subquery().label(name) for name, one in counts.items()]
    return db.session.execute(select(*columns, places_of(week_of(today())).label("places"))).one()
