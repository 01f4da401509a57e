"""The manager's screen: two answers, what to unblock this week, eight tiles. Counts, no names."""

from datetime import date, timedelta
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user

from deal.access import open_to
from deal.clock import block_of, today
from deal.conversations.models import is_here
from deal.goals.models import goal_of_the_week
from deal.kpis import bp
from deal.kpis.blocks import BLOCK, SETTLES, Figures, about, first_block, published, running
from deal.kpis.tiles import feels_right, is_hurting, tiles
from deal.kpis.unblock import Week, this_week
from deal.kpis.weekly import BusinessForm
from deal.people import Person, Role
from deal.tenths import least_people

SHOWN, A_YEAR = 6, 13  # blocks


@bp.get("/numbers")
@open_to(Role.COACH, Role.MANAGER)
def numbers():
    """The two answers and what to unblock, for managers; then the numbers, for coaches too."""
    return numbers_page()


@bp.post("/numbers/weekly")
@open_to(Role.MANAGER)
def answer_weekly():
    """Is it hurting the business, this week?"""
    form = BusinessForm()
    if not form.validate():
        return numbers_page(form), 422
    form.keep()
    flash(_("Saved. You can change it until Sunday."))
    return redirect(url_for(".numbers"), 303)


def numbers_page(form: BusinessForm | None = None) -> str:
    """The page, with a manager's form of the week: as it was sent, or as the week stands."""
    shown = page(sent=form is not None)
    if form is None and not current_user.is_coach:
        form = BusinessForm.opened(*shown["said"])
    return render_template("kpis/numbers.html", form=form, **shown)


def page(sent: bool = False) -> dict[str, Any]:
    """What stands on the page and on the sheet; where a form was sent and has to be put right, without the goal."""
    blocks, now_running, following = published(A_YEAR), running(), block_of(today() - SETTLES)
    week = Week(None, None, ()) if current_user.is_coach else this_week(now_running.wait.longest)
    begun = week.begun or (first_block() if current_user.is_coach and not blocks else None)
    return in_short(blocks[-SHOWN:]) | {
        "earlier": [block.block for block in reversed(blocks)],
        "shared": None if sent or current_user.is_coach else goal_of_the_week(is_here(Person.id)),
        "unblock": week.unblock,
        "steps": week.steps,
        "answers": (feels_right(blocks), is_hurting(blocks, now_running)),
        "said": now_running.hurting.weeks[-1],
        "tiles": tiles(blocks[-SHOWN:], now_running) if blocks or begun else [],
        "first_figures": None if blocks else first_figures(begun),
        "running": now_running.told(),
        "running_goals": now_running.goals.told().parts,
        "since": now_running.block,
        "least_people": least_people(),
        "next": (following, following + BLOCK + SETTLES),  # the first day of the next to be published, and on which day
    }


def first_figures(begun: date | None) -> date:
    """On which day the first four weeks are published; nobody invited yet, as if somebody were today."""
    return (begun or block_of(today())) + BLOCK + SETTLES


def in_short(blocks: list[Figures]) -> dict[str, Any]:
    """The newest of these blocks, the oldest first, with the others beside it; nothing that changes later."""
    newest = blocks[-1] if blocks else None
    return {
        "about": about(newest),
        "history": [(block.block, block.told()) for block in blocks],
        "last": newest and newest.block + BLOCK - timedelta(days=1),
        "goals": newest.goals.told().parts if newest else [],
        "published_at": newest and newest.frozen_at,
    }
