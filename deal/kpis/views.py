"""The manager's screen: two answers, what to unblock this week, eight tiles. Counts, no names."""

from collections.abc import Sequence
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user

from deal.access import open_to
from deal.caseload.desk import desk
from deal.caseload.forms import HoursForm
from deal.caseload.models import CoachHours
from deal.clock import block_of, now, today
from deal.contact.models import is_here
from deal.db import db, insert_into
from deal.goals.models import goal_of_the_week
from deal.kpis import bp
from deal.kpis.forms import BusinessForm
from deal.kpis.manager_actions import Week, this_week
from deal.kpis.models import FrozenBlock
from deal.kpis.snapshots import BLOCK, SETTLES, about, figures_of, first_block, last_day, published, running, told
from deal.kpis.tiles import feels_right, is_hurting, tiles
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


@bp.post("/hours")
@open_to(Role.COACH)
def keep_hours():
    """Keep a coach's hours of last week; a newer number takes the place of an earlier one."""
    form = HoursForm()
    if not form.validate():
        return desk(form), 422
    newer = {"hours": form.hours.data, "at": now()}
    row = insert_into(CoachHours).values(coach_id=current_user.id, week=form.week_asked(), **newer)
    db.session.execute(row.on_conflict_do_update(index_elements=["coach_id", "week"], set_=newer))
    db.session.commit()
    flash(_("Thank you. Your hours are saved."))
    return redirect(url_for("caseload.today"), 303)


def numbers_page(form: BusinessForm | None = None) -> str:
    """The page, with a manager's form of the week: as it was sent, or as the week stands."""
    shown = page(sent=form is not None)
    if form is None and not current_user.is_coach:
        hurts, words = shown["said"]
        form = BusinessForm(formdata=None, data={"hurts": hurts, "words": words})
    return render_template("kpis/numbers.html", form=form, **shown)


def page(sent: bool = False) -> dict[str, Any]:
    """What stands on the page and on the sheet; where a form was sent and has to be put right, without the goal."""
    blocks, now_running, following = published(A_YEAR), running(), block_of(today() - SETTLES)
    week = Week() if current_user.is_coach else this_week(now_running["wait"].longest)
    begun = week.begun or (first_block() if current_user.is_coach and not blocks else None)
    return in_short(blocks[-SHOWN:]) | {
        "earlier": [block.block for block in reversed(blocks)],
        "shared": None if sent or current_user.is_coach else goal_of_the_week(is_here(Person.id)),
        "unblock": week.unblock,
        "steps": week.steps,
        "answers": (feels_right(blocks), is_hurting(blocks, now_running)),
        "said": now_running["hurting"].weeks[-1],
        "tiles": tiles(blocks[-SHOWN:], now_running) if blocks or begun else [],
        # nobody invited yet: as if somebody were today
        "first_figures": None if blocks else (begun or block_of(today())) + BLOCK + SETTLES,
        "running": told(now_running),
        "since": block_of(today()),
        "least_people": least_people(),
        "next": (following, following + BLOCK + SETTLES),  # the first day of the next to be published, and on which day
    }


def in_short(blocks: Sequence[FrozenBlock]) -> dict[str, Any]:
    """The newest of these blocks, the oldest first, with the others beside it; nothing that changes later."""
    newest = blocks[-1] if blocks else None
    return {
        "about": about(newest),
        "history": [(block.block, told(figures_of(block))) for block in blocks],
        "last": newest and last_day(newest),
        "published_at": newest and newest.frozen_at,
    }
