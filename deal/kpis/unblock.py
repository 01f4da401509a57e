"""What managers can unblock this week: counts, no names."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import func, select

from deal.conversations.asks import Ask
from deal.db import db, now, today, week_of
from deal.kpis.blocks import LAST_DAYS, jumped_since
from deal.kpis.weekly import BusinessAnswer
from deal.learning.models import Blocker, Heading, waiting_for_managers
from deal.people import Person, is_open, without_a_coach
from deal.settings import PROMISE, ConfirmedSentence, in_our_language, landlord, places_of


@dataclass(frozen=True)
class Unblock:
    """One thing to do, where it is done, and the words of residents that belong to it."""

    sentence: str
    address: str | None = None
    words: tuple[Blocker, ...] = ()


def to_unblock(longest_wait: int | None) -> list[Unblock]:
    """All that stands in the way now, what residents said first; the longest wait is in days."""
    (waiting, oldest), counts, ours = waiting_for_managers(), _counts(), landlord()
    settings = partial(url_for, "landlord.settings")
    found = {
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
                waiting,
            ),
            url_for("learning.board"),
            tuple(oldest),
        ): waiting,
        Unblock(
            ngettext(
                "Whoever looked after %(num)s heading has left. Choose somebody else.",
                "Whoever looked after %(num)s headings has left. Choose somebody else.",
                counts.left,
            ),
            url_for("learning.board"),
        ): counts.left,
        Unblock(
            ngettext(
                "The day of %(num)s heading is over, and it has no answer yet.",
                "The days of %(num)s headings are over, and they have no answer yet.",
                counts.late,
            ),
            url_for("learning.board"),
        ): counts.late,
        Unblock(
            _("Confirm the promise to residents: no invitation can be made before."), settings(_anchor="our-promise")
        ): counts.confirmed < len(PROMISE),
        Unblock(
            _("Set the weekly places: nobody can be invited before."), settings(_anchor="weekly-places")
        ): not counts.places,
        Unblock(
            _("Write the name of your organisation, and whom residents can ring."), settings(_anchor="names")
        ): not (ours.phone and in_our_language(ours.organisation)),
        Unblock(
            _("Write whom coaches ring, and where they write it down, when somebody is in danger."),
            settings(_anchor="names"),
        ): not in_our_language(ours.danger),
        Unblock(
            ngettext(
                "%(num)s resident asks you for something.", "%(num)s residents ask you for something.", counts.asks
            ),
            url_for("conversations.all_asks"),
        ): counts.asks,
        Unblock(
            ngettext("%(num)s person has no coach.", "%(num)s people have no coach.", counts.without_coach),
            url_for("accounts.without_coach"),
        ): counts.without_coach,
        Unblock(
            ngettext(
                "Somebody has waited %(num)s day for a first conversation. Residents are told: within %(days)s days.",
                "Somebody has waited %(num)s days for a first conversation. Residents are told: within %(days)s days.",
                longest_wait or 0,
                days=ours.contact_days,
            )
        ): (longest_wait or 0) > ours.contact_days,
        Unblock(_("Say for this week: is it hurting the business?"), url_for("kpis.weekly")): not counts.answers,
    }
    return [one for one, stands in found.items() if stands]


def _counts() -> Any:
    """The small counts, in one statement."""
    open_headings = select(func.count(Heading.id)).where(Heading.answered_at.is_(None))
    counts = {
        "asks": select(func.count()).select_from(Ask).where(Ask.answered_at.is_(None), is_open(Ask, now())),
        "without_coach": select(func.count()).select_from(without_a_coach().subquery()),
        "confirmed": select(func.count(ConfirmedSentence.wording.distinct())).where(
            ConfirmedSentence.wording.in_(PROMISE)
        ),
        "left": open_headings.join(Heading.owner).where(Person.closes_at <= now()),
        "answers": select(func.count(BusinessAnswer.id)).where(BusinessAnswer.week == week_of(today())),
        "late": open_headings.where(Heading.due_on < today()),
        **LAST_DAYS,
    }
    columns = [one.scalar_subquery().label(name) for name, one in counts.items()]
    return db.session.execute(select(*columns, places_of(week_of(today())).label("places"))).one()
