"""A manager gives a resident who asked for it another coach; neither learns whom the resident shuts out."""

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _

from deal.access import open_to
from deal.accounts.coaching import coaches_for, pass_on
from deal.accounts.hand_over import GiveForm
from deal.conversations import bp
from deal.conversations.asks import Ask, AskKind
from deal.db import db, pressed_before
from deal.people import Coaching, Role, coach_of


@bp.get("/asks/<int:ask_id>/coach")
@open_to(Role.MANAGER)
def other_coach(ask_id):
    """Which coach instead?"""
    asked = _asked_or_404(ask_id)
    return render_template("conversations/other_coach.html", ask=asked, form=_offering(asked))


@bp.post("/asks/<int:ask_id>/coach")
@open_to(Role.MANAGER)
def give_other_coach(ask_id):
    """The new coach sees the words and the old one does not; the ask still wants an answer."""
    asked = _asked_or_404(ask_id)
    form = _offering(asked)
    if pressed_before(Coaching, form.once_key) is None:
        if not form.validate():
            return render_template("conversations/other_coach.html", ask=asked, form=form), 422
        pass_on([asked.resident_id], form.arranged())
    flash(_("%(name)s has another coach now. Write to them that it is done.", name=asked.resident.name))
    return redirect(url_for(".one_ask", ask_id=ask_id), 303)


def _asked_or_404(ask_id: int) -> Ask:
    asked = db.session.get(Ask, ask_id)
    is_there = asked and asked.kind is AskKind.OTHER_COACH and not asked.resident.is_closed
    return asked if asked and is_there else abort(404)


def _offering(asked: Ask) -> GiveForm:
    form, own = GiveForm(), coach_of(asked.resident)
    form.to.offer(coaches_for(asked.resident, own and own.id))
    return form
