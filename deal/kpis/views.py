"""The manager's page: counts, no names."""

from flask import render_template

from deal.access import open_to
from deal.kpis import bp
from deal.kpis.models import (
    finished_this_week,
    goals,
    invited_this_week,
    open_asks,
    people_without_a_coach,
    waiting_now,
)
from deal.learning.models import waiting_for_managers
from deal.people import Role
from deal.settings import promise_is_confirmed


@bp.get("/numbers")
@open_to(Role.MANAGER)
def numbers():
    """What to unblock this week, then the numbers."""
    return render_template(
        "kpis/numbers.html",
        invited=invited_this_week(),
        finished=finished_this_week(),
        waiting=waiting_now(),
        without_coach=people_without_a_coach(),
        goals=goals(),
        asks=open_asks(),
        blockers=waiting_for_managers(),
        promise_confirmed=promise_is_confirmed(),
    )
