"""A coach invites residents, one or many at once: letters with a code, and what became of them."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload
from sqlalchemy.orm.attributes import set_committed_value

from deal.access import open_to, resident_or_404
from deal.accounts import bp
from deal.accounts.codes import hash_of, made_from
from deal.accounts.find import doubles
from deal.accounts.invite_forms import MOST_AT_ONCE, InviteForm, InviteManyForm
from deal.accounts.letters import Letter, letters_page
from deal.accounts.models import (
    Invitation,
    OneTimeKind,
    goes_by_hand,
    invited_in_week,
    letters_to,
    make_one_time_code,
    newest_letter,
)
from deal.db import Row, db, lock, now, page_of, today, week_of
from deal.forms import Press
from deal.idempotency import answers_again, idempotency_key, insert_once
from deal.names import isolated, name_key
from deal.people import Coaching, Person, Role, coaching_now
from deal.settings import WeeklyPlaces, pause, places_of, promise_is_confirmed
from deal.undo import cannot_be_undone


@bp.get("/invitations")
@open_to(Role.COACH)
def invitations():
    """The newest letter of each of my residents, newest first, and what became of it."""
    mine = letters_to(*coaching_now(current_user), newest_letter())
    page = page_of(mine, Invitation.id.desc(), after=request.args.get("after"))
    return render_template("accounts/invitations.html", page=page, press=Press(), **_places())


@bp.get("/invitations/new")
@open_to(Role.COACH)
def invite():
    return render_template("accounts/invite.html", form=InviteForm(), **_places())


@bp.post("/invitations/new")
@open_to(Role.COACH)
@answers_again
@cannot_be_undone("a code was shown on the page, and may be on paper already")
def make_invitation():
    """Invite somebody: the answer is the letter, the only place where the code ever stands."""
    form = InviteForm()
    if not form.validate():
        return render_template("accounts/invite.html", form=form, **_places()), 422
    letters = _letters_for([(form.name.data, form.label.data or "")], form)
    if not letters:
        if not form.errors:
            form.form_errors.append(_("The letter was not made. Read below why, and try again when that is put right."))
        return render_template("accounts/invite.html", form=form, **_places()), 409
    return letters_page(letters)


@bp.get("/invitations/several")
@open_to(Role.COACH)
def invite_many():
    return render_template("accounts/invite_many.html", form=InviteManyForm(), **_places())


@bp.post("/invitations/several")
@open_to(Role.COACH)
@answers_again
@cannot_be_undone("a code was shown on the page, and may be on paper already")
def make_invitations():
    """First show who would be invited; pressed there, invite all of them or nobody.

    The answer is their letters, the only place where the codes ever stand.
    """
    form, press = InviteManyForm(), request.form.get("do")
    if press == "change":
        return render_template("accounts/invite_many.html", form=form, **_places())
    good = form.validate() and len(form.invited) <= MOST_AT_ONCE
    if good and press == "make" and (letters := _letters_for(form.invited, form)):
        return letters_page(letters)
    places = _places()
    if not form.fits(places) or not good:
        return render_template("accounts/invite_many.html", form=form, **places), 422
    form.look_at(doubles(current_user, form.invited))
    return render_template("accounts/invite_check.html", form=form, **places), 422 if form.errors else 200


@bp.post("/residents/<int:resident_id>/invitation")
@open_to(Role.COACH)
@answers_again
@cannot_be_undone("a code was shown on the page, and may be on paper already")
def renew_invitation(resident_id):
    """A new letter for somebody who has not signed in yet: the old code dies."""
    resident = resident_or_404(resident_id)
    form = Press()
    if resident.secret_hash or resident.closes_at or not form.validate():
        abort(409)
    code = made_from(form.token, "invitation")
    stored = next(iter(_stored([code])), None)
    if stored is None:
        by_hand = goes_by_hand(resident)
        old = update(Invitation).where(Invitation.resident_id == resident.id, Invitation.withdrawn_at.is_(None))
        db.session.execute(old.values(withdrawn_at=now()))
        made = _made_now(code)
        fresh = Invitation(resident=resident, renewal=True, by_hand=by_hand, **made)
        stored = insert_once(fresh, code_hash=made["code_hash"])
        db.session.commit()
    return letters_page([Letter(stored, code)]) if stored.is_alive else abort(409)


@bp.post("/residents/<int:resident_id>/invitation/take-back")
@open_to(Role.COACH)
def take_back_invitation(resident_id):
    """The letter is taken back: its code dies, and a new letter can be made at any time."""
    resident = resident_or_404(resident_id)
    if resident.secret_hash or not Press().validate():
        abort(409)
    letter = update(Invitation).where(Invitation.resident_id == resident.id, Invitation.withdrawn_at.is_(None))
    db.session.execute(letter.where(Invitation.used_at.is_(None)).values(withdrawn_at=now()))
    db.session.commit()
    name = isolated(resident.full_name)
    flash(_("The letter for %(name)s is taken back. You can make a new one at any time.", name=name))
    return redirect(url_for(".invitations"), 303)


@bp.post("/residents/<int:resident_id>/new-pin")
@open_to(Role.COACH)
@answers_again
@cannot_be_undone("a code was shown on the page, and may be on paper already")
def make_new_pin(resident_id):
    """The resident forgot the PIN: a number to read out, and every sign-in ends."""
    resident = resident_or_404(resident_id)
    form = Press()
    if not resident.secret_hash or not form.validate():
        abort(409)
    number = made_from(form.token, "new pin", length=8, alphabet="0123456789")
    make_one_time_code(resident, OneTimeKind.NEW_PIN, number, by=current_user)
    return render_template("accounts/new_pin_number.html", resident=resident, number=number)


def _letters_for(people: Sequence[tuple[str, str]], form: InviteForm | InviteManyForm) -> list[Letter]:
    """Letters for new people, or those that an earlier press of the form made; none where they may not be made.

    The form and the words in it make the codes, so that the second press is answered with the same letters.
    """
    key = idempotency_key()
    codes = [made_from(f"{form.token} {key} {line}", "invitation") for line in range(len(people))]
    stored, places = _stored(codes), _places()
    may_invite = places["confirmed"] and not places["pause"] and len(people) <= places["left"]
    if not stored and may_invite and not form.asks(doubles(current_user, people)):
        stored = _within_places(people, codes, places["places"])
    by_hash = {one.code_hash: one for one in stored}
    return [Letter(by_hash[hash_of(code)], code) for code in codes if hash_of(code) in by_hash]


def _stored(codes: Sequence[str]) -> Sequence[Invitation]:
    """What an earlier press made."""
    query = (
        select(Invitation).where(Invitation.code_hash.in_(map(hash_of, codes))).options(joinedload(Invitation.resident))
    )
    return db.session.scalars(query).all()


def _within_places(people: Sequence[tuple[str, str]], codes: Sequence[str], places: int) -> Sequence[Invitation]:
    """Invite new people; nobody where the week's places are taken, counted with these, or in a pause that just began.

    One coach at a time.
    """
    lock(WeeklyPlaces, select(func.min(WeeklyPlaces.id)).scalar_subquery())
    named = [{"name": name, "name_key": name_key(name), "label": label} for name, label in people]
    new = [{"role": Role.RESIDENT, "label_key": name_key(one["label"]), **one} for one in named]
    # as they stand in the list
    residents = sorted(_insert(Person, new), key=lambda one: people.index((one.name, one.label)))
    _insert(Coaching, [{"resident_id": one.id, "coach_id": current_user.id} for one in residents])
    rows = zip(residents, codes, strict=True)
    try:
        made = _insert(Invitation, [{"resident_id": who.id, **_made_now(code)} for who, code in rows])
    except IntegrityError:  # another press of the same form was quicker
        db.session.rollback()
        return _stored(codes)
    if (db.session.scalar(select(invited_in_week(week_of(today())))) or 0) > places or pause(afresh=True):
        db.session.rollback()
        return []
    db.session.commit()
    by_id = {one.id: one for one in residents}
    for letter in made:
        set_committed_value(letter, "resident", by_id[letter.resident_id])
    return made


def _insert(table: type[Row], rows: list[dict[str, Any]]) -> Sequence[Row]:
    """All of them in one statement, however many there are; in no order."""
    return db.session.scalars(insert(table).returning(table), rows).all()


def _made_now(code: str) -> dict[str, Any]:
    return {"made_by_id": current_user.id, "code_hash": hash_of(code)}


def _places() -> dict:
    """This week's places, how many are left, when the next ones open, a pause, and whether the promise is confirmed."""
    monday = week_of(today())
    counted = select(places_of(monday), invited_in_week(monday), promise_is_confirmed())
    places, taken, confirmed = db.session.execute(counted).one()
    page = {"places": places, "taken": taken, "left": max(places - taken, 0), "confirmed": confirmed}
    return page | {"next_week": monday + timedelta(days=7), "pause": pause()}
