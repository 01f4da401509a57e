"""You said, we changed; what we hoped to learn and what we learned: pages to share."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import func, select

from deal.access import open_to
from deal.blockers.models import changes_page
from deal.clock import today, week_of
from deal.db import db
from deal.kpis import bp
from deal.kpis.snapshots import about, figures_of, published, told
from deal.organisation.forms import LearnedForm
from deal.people import Role
from deal.settings import TO_SHARE, Setting, pause, places_in, settings_history


@bp.get("/changes")
@open_to(Role.RESIDENT, Role.COACH, Role.MANAGER)
def changes():
    """You said, we changed; for staff also what we hope to learn, the numbers and what we learned."""
    after = request.args.get("after")
    writes = current_user.role is Role.MANAGER and not after
    return _changes_page(LearnedForm.opened() if writes else None, after)


@bp.post("/learned/write")
@open_to(Role.MANAGER)
def keep_learned():
    """Keep the words; where another manager was quicker, both are shown first."""
    form = LearnedForm()
    if status := form.keep():
        return _changes_page(form), status
    flash(_("This is saved."))
    return redirect(url_for("kpis.changes", _anchor="what-we-learned"), 303)


def _changes_page(form: LearnedForm | None, after: str | None = None) -> str:
    """For staff, on the first page, with what they may share with other places."""
    shared = None
    if not current_user.is_resident and not after:
        days = select(Setting.key, func.min(Setting.set_at), func.max(Setting.set_at)).where(Setting.key.in_(TO_SHARE))
        shared = {
            "since": {key: both for key, *both in db.session.execute(days.group_by(Setting.key))},
            "places": places_in(week_of(today())),
            "pause": pause(),
            "blocks": [(block.block, told(figures_of(block)), about(block)) for block in published()],
        }
    history = settings_history(*TO_SHARE) if form else ()
    shown = {"page": changes_page(after), "learned_form": form, "has_errors": form and form.errors}
    return render_template("kpis/changes.html", shared=shared, history=history, **shown)
