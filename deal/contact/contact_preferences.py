"""How a resident is best reached: theirs to write and to clear, their coach's to read; and "please ring me"."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import delete, select

from deal.access import allow_in_assisted_mode, open_to, own_or_404, resident_url
from deal.assessment.models import FirstTalkWait
from deal.clock import now
from deal.contact import bp
from deal.contact.forms import SAFE, ReachForm
from deal.contact.models import ContactPreferences, Standing, reach_of, standing_of
from deal.db import db, insert_into, lock
from deal.forms import EmptyForm, validate_or_400
from deal.people import Person, Role
from deal.undo import cannot_be_undone


@bp.get("/residents/<int:resident_id>/reach")
@open_to(Role.RESIDENT)
def reach(resident_id):
    kept = reach_of(own_or_404(resident_id))
    form = ReachForm(data=_as_it_stands(kept))
    form.starts_from(_as_it_stands(kept))
    return _page(resident_id, form, kept)


@bp.post("/residents/<int:resident_id>/reach")
@open_to(Role.RESIDENT)
@cannot_be_undone("what stood there before is gone at once, as the page says")
def keep_reach(resident_id):
    """Keep what is said now instead of what was said before; nothing said is nothing kept."""
    resident = own_or_404(resident_id)
    lock(Person, resident.id)
    form, kept = ReachForm(), reach_of(resident)
    if status := form.refused(_as_it_stands(kept)):
        return _page(resident_id, form, kept), status
    said = form.said()
    if any(one is not None for one in said.values()):
        _keep(resident, kept, said | {"language": str(get_locale()), "changed_at": now()})
    elif kept:
        db.session.delete(kept)
    db.session.commit()
    flash(_("This is saved."))
    return redirect(url_for(".reach", resident_id=resident_id), 303)


@bp.post("/residents/<int:resident_id>/reach/clear")
@open_to(Role.RESIDENT)
@cannot_be_undone("what stood there before is gone at once, as the page says")
def clear_reach(resident_id):
    """No word of it is left."""
    resident = own_or_404(resident_id)
    validate_or_400()
    db.session.execute(delete(ContactPreferences).where(ContactPreferences.resident_id == resident.id))
    db.session.commit()
    flash(_("All of this is cleared."))
    return redirect(url_for(".reach", resident_id=resident_id), 303)


@bp.post("/residents/<int:resident_id>/ring-me")
@open_to(Role.RESIDENT)
@allow_in_assisted_mode
def ring_me(resident_id):
    """They wait for a first conversation from now on; whoever waits or has talked already keeps what there is."""
    resident, at = own_or_404(resident_id), now()
    validate_or_400()
    if standing_of(resident) is Standing.HERE:
        asked = insert_into(FirstTalkWait).values(resident_id=resident.id, since=at, asked_at=at)
        db.session.execute(asked.on_conflict_do_nothing())  # one wait, whichever press or page made it
        db.session.commit()
        talked = db.session.scalars(select(FirstTalkWait.talked_on).where(FirstTalkWait.of(resident.id))).one()
        flash(_("You have talked already.") if talked else _("Good. We will ring you."))
    else:
        flash(_("You told us that you stopped or moved away. You can come back, or ring us."))
    return redirect(resident_url(resident_id), 303)


def keep_phone(resident: Person, phone: str | None) -> None:
    """Keep the number that they said yes to; nothing takes it away. The caller commits."""
    _keep(resident, reach_of(resident), {"phone": phone})


def _keep(resident: Person, kept: ContactPreferences | None, said: dict[str, Any]) -> None:
    """With who wrote down a number, and when; of one that is there already that stays."""
    kept = kept or ContactPreferences(resident_id=resident.id, language=str(get_locale()))
    if (phone := said["phone"]) != kept.phone:
        said |= {"phone_by_id": phone and current_user.id, "phone_at": phone and now()}
    for name, value in said.items():
        setattr(kept, name, value)
    db.session.add(kept)


def _as_it_stands(kept: ContactPreferences | None) -> dict[str, Any]:
    message = next(key for key, safe in SAFE.items() if safe is kept.message_is_safe) if kept else None
    said = {"way": kept and kept.way, "times": kept and kept.times, "message": message}
    return said | {"phone": kept and kept.phone}


def _page(resident_id: int, form: ReachForm, kept: ContactPreferences | None) -> str:
    press = EmptyForm(formdata=None)
    return render_template("contact/reach.html", resident_id=resident_id, kept=kept, press=press, form=form)
