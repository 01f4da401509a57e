"""The page of a month: what to unblock this week, then the eight numbers. Counts, no names."""

from datetime import timedelta
from typing import Any

from flask import render_template
from flask_login import current_user

from deal.access import open_to
from deal.conversations.endings import is_here
from deal.db import block_of, today
from deal.goals.models import goal_of_the_week
from deal.kpis import bp
from deal.kpis.blocks import BLOCK, SETTLES, Figures, about, published, running
from deal.kpis.unblock import to_unblock
from deal.people import Person, Role
from deal.tenths import least_people

SHOWN, A_YEAR = 6, 13  # blocks


@bp.get("/numbers")
@open_to(Role.COACH, Role.MANAGER)
def numbers():
    """What to unblock this week, for managers; then the numbers, for coaches too."""
    return render_template("kpis/numbers.html", **page())


def page() -> dict[str, Any]:
    """What stands on the page and on the sheet."""
    blocks, now_running, following = published(A_YEAR), running(), block_of(today() - SETTLES)
    return in_short(blocks[-SHOWN:]) | {
        "earlier": [block.block for block in reversed(blocks)],
        "shared": None if current_user.is_coach else goal_of_the_week(is_here(Person.id)),
        "unblock": None if current_user.is_coach else to_unblock(now_running.wait.longest),
        "running": now_running.told(),
        "running_goals": now_running.goals.told().parts,
        "since": now_running.block,
        "least_people": least_people(),
        "next": (following, following + BLOCK + SETTLES),  # the first day of the next to be published, and on which day
    }


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
