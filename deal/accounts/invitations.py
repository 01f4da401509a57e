"""A coach invites residents: letters with a code, and what became of them."""

from secrets import token_hex

import segno
from flask import abort, current_app, render_template, request, url_for
from flask_babel import format_date
from flask_babel import gettext as _
from flask_login import current_user
from markupsafe import Markup
from sqlalchemy import select, update
from sqlalchemy.orm import joinedload

from deal.access import open_to, resident_or_404
from deal.accounts import bp
from deal.accounts.codes import grouped, hash_of, made_from
from deal.accounts.find import said_no_thanks
from deal.accounts.forms import InviteForm
from deal.accounts.models import Invitation, OneTimeCode, OneTimeKind, goes_by_hand, invited_in_week, make_one_time_code
from deal.accounts.secrets import hasher
from deal.db import add_once, day_of, db, now, page_of, pressed_before, today, week_of
from deal.forms import Press
from deal.people import Coaching, Person, Role, coaching_now
from deal.settings import WeeklyPlaces, places_in, promise_is_confirmed


@bp.get("/invitations")
@open_to(Role.COACH)
def invitations():
    """The letters of my residents, newest first, and what became of each."""
    mine = (
        select(Invitation)
        .join(Coaching, Coaching.resident_id == Invitation.resident_id)
        .where(*coaching_now(current_user), Invitation.withdrawn_at.is_(None))
        .options(joinedload(Invitation.resident))
    )
    page = page_of(mine, Invitation.id.desc(), after=request.args.get("after"))
    return render_template("accounts/invitations.html", page=page, press=Press(), **_places())


@bp.get("/invitations/new")
@open_to(Role.COACH)
def invite():
    """Who is to be invited?"""
    return render_template("accounts/invite.html", form=InviteForm(), **_places())


@bp.post("/invitations/new")
@open_to(Role.COACH)
def make_invitation():
    """Invite somebody: the answer is the letter, the only place where the code ever stands."""
    form = InviteForm()
    if not form.validate():
        return render_template("accounts/invite.html", form=form, **_places()), 422
    places = _places()
    code = made_from(form.token, "invitation")
    stored = pressed_before(Invitation, form.once_key)
    if stored is None and _asks_about_no_thanks(form):
        return render_template("accounts/invite.html", form=form, **places), 409
    if stored is None and places["confirmed"] and places["left"]:
        resident = Person(role=Role.RESIDENT, name=form.name.data, label=form.label.data or "")
        stored = _within_places(places["places"], resident, code, form.once_key)
    if stored is None:
        form.form_errors.append(_("The letter was not made. Read below why, and try again when that is put right."))
        return render_template("accounts/invite.html", form=form, **places), 409
    return _letter(stored, code)


@bp.post("/residents/<int:resident_id>/invitation")
@open_to(Role.COACH)
def renew_invitation(resident_id):
    """A new letter for somebody who has not signed in yet: the old code dies."""
    resident = resident_or_404(resident_id)
    form = Press()
    if resident.secret_hash or not form.validate():
        abort(409)
    code = made_from(form.token, "invitation")
    stored = pressed_before(Invitation, form.once_key)
    if stored is None:
        by_hand = goes_by_hand(resident)
        old = update(Invitation).where(Invitation.resident_id == resident.id, Invitation.withdrawn_at.is_(None))
        db.session.execute(old.values(withdrawn_at=now()))
        stored = _invitation(resident, code, form.once_key, renewal=True, by_hand=by_hand)
        db.session.commit()
    return _letter(stored, code)


@bp.post("/residents/<int:resident_id>/new-pin")
@open_to(Role.COACH)
def make_new_pin(resident_id):
    """The resident forgot the PIN: a number to read out, and every sign-in ends."""
    resident = resident_or_404(resident_id)
    form = Press()
    if not resident.secret_hash or not form.validate():
        abort(409)
    number = made_from(form.token, "new pin", length=8, alphabet="0123456789")
    if pressed_before(OneTimeCode, form.once_key) is None:
        resident.secret_hash = hasher.hash(token_hex())  # whoever knows the old PIN is out too
    make_one_time_code(resident, OneTimeKind.NEW_PIN, number, form.once_key, by=current_user)
    return render_template("accounts/new_pin_number.html", resident=resident, number=number)


def _asks_about_no_thanks(form: InviteForm) -> bool:
    """Whether somebody of that name and label said no thanks, and the coach has not said "all the same"."""
    earlier = None if form.all_the_same.data else said_no_thanks(current_user, form.name.data, form.label.data or "")
    if earlier and earlier.no_thanks_at:
        day = format_date(day_of(earlier.no_thanks_at), "d MMMM y")
        who = {"name": earlier.resident.name, "label": earlier.resident.label, "day": day}
        with_label = _("Somebody called %(name)s (%(label)s) said no thanks on %(day)s. Invite all the same?", **who)
        without = _("Somebody called %(name)s said no thanks on %(day)s. Invite all the same?", **who)
        form.all_the_same.errors = [with_label if who["label"] else without]
    return earlier is not None


def _within_places(places: int, resident: Person, code: str, once_key: str) -> Invitation | None:
    """Invite somebody new; None where the week's places are taken, counted with this one, one coach at a time."""
    db.session.scalars(select(WeeklyPlaces).order_by(WeeklyPlaces.id).with_for_update()).all()
    db.session.add(resident)
    db.session.flush()
    db.session.add(Coaching(resident_id=resident.id, coach_id=current_user.id))
    stored = _invitation(resident, code, once_key)
    if invited_in_week(week_of(today())) > places:
        db.session.rollback()
        return None
    db.session.commit()
    return stored


def _invitation(resident: Person, code: str, once_key: str, **how: bool) -> Invitation:
    made = {"made_by_id": current_user.id, "code_hash": hash_of(code), "once_key": once_key}
    return add_once(Invitation(resident=resident, **made, **how))


def _letter(invitation: Invitation, code: str) -> str:
    address = current_app.config["PUBLIC_URL"] + url_for("accounts.welcome", code=code)
    code_square = segno.make(address, micro=False, error="m")
    return render_template(
        "accounts/code_by_hand.html" if invitation.by_hand else "accounts/letter.html",
        resident=invitation.resident,
        invitation=invitation,
        grouped=grouped(code),
        qr=Markup(code_square.svg_inline(border=2, omitsize=True, title=_("A square that opens this letter's page"))),
    )


def _places() -> dict:
    """This week's places, how many are left, when the next ones open, and whether the promise is confirmed."""
    monday = week_of(today())
    places = places_in(monday)
    taken = invited_in_week(monday)
    return {
        "places": places,
        "taken": taken,
        "left": max(places - taken, 0),
        "next_week": monday.fromordinal(monday.toordinal() + 7),
        "confirmed": promise_is_confirmed(),
    }
