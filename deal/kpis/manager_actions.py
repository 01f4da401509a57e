"""What managers can unblock this week, and the first steps: counts, no names, each with where it is done."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import current_app, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import func, select

from deal.blockers.models import Heading, waiting_for_managers
from deal.clock import block_of, day_of, now, today, week_of
from deal.db import db
from deal.invitations.models import Invitation
from deal.kpis.models import BusinessAnswer, FrozenBlock
from deal.kpis.snapshots import LAST_DAYS, clock_jumped
from deal.manager_requests.models import ManagerRequest
from deal.people import Assignment, Person, Role, is_open, without_a_coach
from deal.printing.letters import letters_lead_nowhere
from deal.settings import PROMISE, ConfirmedSentence, landlord, localized, places_of


@dataclass(frozen=True)
class Todo:
    """One thing to do, where it is done and, of a first step, whether it is done; None where nobody can tell."""

    sentence: str
    address: str | None = None
    done: bool | None = None


@dataclass(frozen=True)
class Week:
    """What stands in the way now; the block of the first invitation; the first steps, until somebody is invited."""

    unblock: Sequence[Todo] | None = None
    begun: date | None = None
    steps: Sequence[Todo] = ()


def this_week(longest_wait: int | None) -> Week:
    """All that a manager can do now; the longest wait is in days. Two statements."""
    counts = _counts()
    begun = block_of(day_of(counts.first_at)) if counts.first_at else None
    steps = () if begun or counts.residents or counts.published else _first_steps(counts)
    return Week([*_in_the_way(counts, longest_wait or 0), *([] if steps else _not_set(counts))], begun, steps)


def _settings(section: str) -> str:
    return url_for("organisation.settings", section=section, _anchor=f"section-{section}")


def _in_the_way(counts: Any, longest_wait: int) -> list[Todo]:
    """What residents said first."""
    promised, answers, staff = landlord().contact_days, "manager_requests.needs_answer", "staff.staff"
    clock = _(
        "The daily work has stopped, because our computer's clock jumped by more than a month. "
        "Please ask whoever looks after Deal to put the clock right, or to type: deal daily --go-on"
    )
    unanswered = ngettext(
        "%(num)s thing that gets in residents' way has no owner and no answer.",
        "%(num)s things that get in residents' way have no owner and no answer.",
        counts.waiting,
    )
    left = ngettext(
        "Whoever looked after %(num)s heading has left.", "Whoever looked after %(num)s headings has left.", counts.left
    )
    late = ngettext(
        "The day of %(num)s heading is over, without an answer.",
        "The days of %(num)s headings are over, without an answer.",
        counts.late,
    )
    asks = ngettext("%(num)s resident asks you for something.", "%(num)s residents ask you for something.", counts.asks)
    alone = ngettext("%(num)s person has no coach.", "%(num)s people have no coach.", counts.without_coach)
    waited = ngettext(
        "Somebody has waited %(num)s day for a talk. We say: %(days)s.",
        "Somebody has waited %(num)s days for a talk. We say: %(days)s.",
        longest_wait,
        days=promised,
    )
    found = [
        (counts.waiting, unanswered, url_for(answers, _anchor="blockers")),
        (counts.left, left, url_for(answers, _anchor="headings")),
        (counts.late, late, url_for(answers, _anchor="headings")),
        (counts.asks, asks, url_for(answers, _anchor="asks")),
        (counts.without_coach, alone, url_for(staff, _anchor="without-a-coach")),
        (longest_wait > promised, waited, url_for(staff, _anchor="workload")),
    ]
    stopped = [Todo(clock)] if clock_jumped(counts) else []
    return [*stopped, *(Todo(sentence, address) for stands, sentence, address in found if stands)]


def _is_set(counts: Any) -> dict[str, bool]:
    """Which sections of the settings say what has to be said before the first letter."""
    ours = landlord()
    return {
        "address": not letters_lead_nowhere(),
        "names": bool(ours.phone and localized(ours.organisation)),
        "promise": counts.confirmed == len(PROMISE),
        "places": bool(counts.places),
        "help": bool(localized(ours.danger)),
    }


def _not_set(counts: Any) -> list[Todo]:
    """What was set once, and is no longer; and the question of the week."""
    done = _is_set(counts)
    sentences = {
        "address": _("Letters lead to an address that no phone can reach."),
        "promise": _("Confirm the promise to residents: no invitation can be made before."),
        "places": _("Set the weekly places: nobody can be invited before."),
        "names": _("Write the name of your organisation, and whom residents can ring."),
        "help": _("Write whom coaches ring when somebody is in danger."),
    }
    found = [Todo(sentence, _settings(section)) for section, sentence in sentences.items() if not done[section]]
    hurts = Todo(_("Say for this week: is it hurting the business?"), url_for("kpis.numbers", _anchor="this-week"))
    return found if counts.answers else [*found, hurts]


def _first_steps(counts: Any) -> list[Todo]:
    """From an empty database to the first letter."""
    done, address = _is_set(counts), current_app.config["PUBLIC_URL"]
    nowhere = _(
        "Letters would say %(address)s, which no phone can reach. Whoever looks after Deal sets DEAL_PUBLIC_URL.",
        address=address,
    )
    reached = _("Letters say %(address)s. Is that right?", address=address)
    sentences = {
        "address": reached if done["address"] else nowhere,
        "names": _("Write your organisation's name, and whom residents can ring"),
        "promise": _("Confirm the promise to residents"),
        "places": _("Set the weekly places"),
        "help": _("Write whom coaches ring when somebody is in danger"),
    }
    new = url_for("staff.staff", open="new", _anchor="new")
    return [
        *(Todo(sentence, _settings(section), done[section]) for section, sentence in sentences.items()),
        Todo(_("Add the first coach, and send them their link"), new, bool(counts.coaches)),
        Todo(_("Print a letter for nobody, and try it"), url_for("organisation.sample_letter")),
        Todo(_("Then your coach makes the first invitation"), done=False),
    ]


def _counts() -> Any:
    """The small counts, in one statement."""
    open_headings = select(func.count(Heading.id)).where(Heading.answered_at.is_(None))
    counts = {
        "waiting": waiting_for_managers(),
        "asks": select(func.count())
        .select_from(ManagerRequest)
        .where(ManagerRequest.answered_at.is_(None), is_open(ManagerRequest, now())),
        "without_coach": select(func.count()).select_from(without_a_coach().subquery()),
        "confirmed": select(func.count(ConfirmedSentence.wording.distinct())).where(
            ConfirmedSentence.wording.in_(PROMISE)
        ),
        "left": open_headings.join(Heading.owner).where(Person.closes_at <= now()),
        "answers": select(func.count(BusinessAnswer.id)).where(BusinessAnswer.week == week_of(today())),
        "late": open_headings.where(Heading.due_on < today()),
        "first_at": select(func.min(Invitation.made_at)),
        "residents": select(func.min(Assignment.resident_id)),
        "coaches": select(Person.id).where(Person.role == Role.COACH).limit(1),
        "published": select(FrozenBlock.id).limit(1),
        **LAST_DAYS,
    }
    columns = [one.scalar_subquery().label(name) for name, one in counts.items()]
    return db.session.execute(select(*columns, places_of(week_of(today())).label("places"))).one()
