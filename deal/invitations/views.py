"""A coach invites residents, one or many at once: letters with a code, and what became of them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import segno
from flask import abort, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from markupsafe import Markup
from sqlalchemy import Select, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from deal.access import open_to, resident_or_404
from deal.auth.tokens import code_hash_of, derive_code, grouped, shows_a_code
from deal.clock import now, today, week_of
from deal.db import db, lock
from deal.drafts.models import Draft, drafts_at, saved
from deal.forms import EmptyForm
from deal.idempotency import idempotency_key
from deal.invitations import bp
from deal.invitations.forms import MOST_AT_ONCE, InviteForm, InviteManyForm, LettersForm, RenewForm
from deal.invitations.models import (
    Invitation,
    counts_of_letters,
    goes_by_hand,
    invited_in_week,
    letters_to,
    newest_letter,
    possible_duplicates,
)
from deal.invitations.pasted_list import read
from deal.names import isolated, name_key
from deal.pagination import page_of
from deal.people import Assignment, Person, Role, assigned_now
from deal.settings import WeeklyPlaces, is_paused, pause, places_of, promise_is_confirmed

STATES = {
    "waiting": _l("Not opened yet"),
    "opened": _l("Opened, not signed in yet"),
    "run_out": _l("The code has run out"),
    "used": _l("Signed in"),
    "no_thanks": _l("Said no thanks"),
    "not_me": _l("The letter reached somebody else. Its code is shut."),
    "shut": _l("Words are typed in here, so the letter is shut. Hand over a code."),
    "withdrawn": _l("Taken back"),
}


@dataclass(frozen=True)
class Letter:
    """An invitation and its code, which stands nowhere else."""

    invitation: Invitation
    code: str

    @property
    def groups(self) -> list[str]:
        return grouped(self.code).split("-")

    @property
    def qr(self) -> Markup:
        address = current_app.config["PUBLIC_URL"] + url_for("invitations.welcome", code=self.code)
        title = _("A square that opens this letter's page")
        return Markup(segno.make(address, micro=False, error="m").svg_inline(border=2, omitsize=True, title=title))


def letters_of(codes: Sequence[str]) -> list[Letter]:
    """The letters of my residents that have these codes, in this order: those still alive that may be posted."""
    mine = letters_to(Assignment.coach_id == current_user.id, Assignment.until.is_(None)).where(~Invitation.by_hand)
    return [one for one in _stored(codes, mine) if one.invitation.is_alive]


def _stored(codes: Collection[str], among: Select | None = None) -> list[Letter]:
    """The letters that have these codes, in their order: what an earlier press made."""
    query = select(Invitation).options(joinedload(Invitation.resident)) if among is None else among
    return _letters(codes, db.session.scalars(query.where(Invitation.code_hash.in_(map(code_hash_of, codes)))))


def _letters(codes: Iterable[str], invitations: Iterable[Invitation]) -> list[Letter]:
    by_hash = {one.code_hash: one for one in invitations}
    return [Letter(by_hash[code_hash_of(code)], code) for code in codes if code_hash_of(code) in by_hash]


def letters_page(letters: Sequence[Letter]) -> str:
    """The letters, with the button that prints them; or a code that goes by hand."""
    saved()
    template = "invitations/code_by_hand.html" if letters[0].invitation.by_hand else "invitations/letters.html"
    return render_template(template, letters=letters, form=LettersForm(formdata=None))


@bp.get("/invitations")
@open_to(Role.COACH)
def invitations():
    """The newest letter of each of my residents, newest first, and what became of it."""
    return _invitations_page(RenewForm(formdata=None))


def _invitations_page(form: RenewForm) -> str:
    show, mine = request.args.get("show"), (*assigned_now(current_user), newest_letter())
    counts = counts_of_letters(*mine)
    if show and show not in STATES:
        abort(404)
    letters = letters_to(*mine, *([Invitation.state_word() == show] if show else []))
    return render_template(
        "invitations/invitations.html",
        page=page_of(letters, Invitation.id.desc(), after=request.args.get("after"), size=MOST_AT_ONCE),
        form=form,
        show=show,
        counts=counts,
        states=STATES,
        press=EmptyForm(formdata=None),
        **_places(),
    )


@bp.post("/invitations/renew")
@open_to(Role.COACH)
@shows_a_code
def renew_invitations():
    """New letters for those who are ticked and can have one by post: the old codes die."""
    form = RenewForm()
    if form.validate() and (letters := _renewed(form)):
        return letters_page(sorted(letters, key=lambda one: one.invitation.resident.name_key))
    if not form.errors:
        form.form_errors.append(_("No letter was made. Look at the list again."))
    return _invitations_page(form), 422


@bp.get("/invitations/new")
@open_to(Role.COACH)
def invite():
    return _invite_page()


def _invite_page(form: InviteForm | InviteManyForm | None = None) -> str:
    """Both forms, one of them as it was sent; or why nobody can be invited now, and how many names wait for that."""
    one = form if isinstance(form, InviteForm) else InviteForm(formdata=None)
    many = form if isinstance(form, InviteManyForm) else InviteManyForm(formdata=None)
    places = _places()
    kept = 0 if places["left"] else names_kept()
    return render_template("invitations/invite.html", one=one, many=many, form=form, kept=kept, **places)


@bp.post("/invitations/new")
@open_to(Role.COACH)
@shows_a_code
def make_invitation():
    """The answer is the letter, the only place where the code ever stands."""
    form = InviteForm()
    if letters := _stored(_codes(form, MOST_AT_ONCE)):
        return letters_page(letters)
    if not form.validate():
        return _invite_page(form), 422
    if letters := _letters_for(form):
        return letters_page(letters)
    if not form.errors:
        form.form_errors.append(_("The letter was not made. Read below why, and try again when that is put right."))
    return _invite_page(form), 409


@bp.post("/invitations/several")
@open_to(Role.COACH)
@shows_a_code
def make_invitations():
    """First show who would be invited; pressed there, invite them, and keep the names for whom there is no place."""
    form, press = InviteManyForm(), request.form.get("do")
    form.first.data = form.first.data if press == "make" else ""
    if press == "change":
        return _invite_page(form)
    if press == "make" and (letters := _stored(_codes(form, MOST_AT_ONCE))):
        return letters_page(letters)
    good = form.validate() and len(form.invited) <= MOST_AT_ONCE
    if good and press == "make" and (letters := _letters_for(form)):
        return letters_page(letters)
    places = _places()
    if form.people.errors or form.adult.errors or not form.fits(places):
        return _invite_page(form), 422
    form.look_at(possible_duplicates(current_user, form.invited))
    return render_template("invitations/invite_check.html", form=form, **places), 422 if form.errors else 200


@bp.post("/residents/<int:resident_id>/invitation")
@open_to(Role.COACH)
@shows_a_code
def renew_invitation(resident_id):
    """A new letter for somebody who has not signed in yet: the old code dies."""
    resident, form = resident_or_404(resident_id), EmptyForm()
    if resident.secret_hash or resident.closes_at or not form.validate():
        abort(409)
    code = derive_code(form.token, "invitation")
    letters = _stored([code])
    if not letters:
        by_hand = bool(db.session.scalar(select(goes_by_hand(resident.id))))
        letters = _renew([resident], {resident.id: code}, by_hand)
    return letters_page(letters) if letters and letters[0].invitation.is_alive else abort(409)


@bp.post("/residents/<int:resident_id>/invitation/take-back")
@open_to(Role.COACH)
def take_back_invitation(resident_id):
    """The letter is taken back: its code dies, and a new letter can be made at any time."""
    resident = resident_or_404(resident_id)
    if resident.secret_hash or not EmptyForm().validate():
        abort(409)
    letter = update(Invitation).where(Invitation.resident_id == resident.id, Invitation.withdrawn_at.is_(None))
    db.session.execute(letter.where(Invitation.used_at.is_(None)).values(withdrawn_at=now()))
    db.session.commit()
    name = isolated(resident.full_name)
    flash(_("The letter for %(name)s is taken back. You can make a new one at any time.", name=name))
    return redirect(url_for(".invitations"), 303)


def _codes(form: InviteForm | InviteManyForm, many: int) -> list[str]:
    """The form and the words in it make the codes, so that the second press is answered with the same letters."""
    key = idempotency_key()
    return [derive_code(f"{form.token} {key} {line}", "invitation") for line in range(many)]


def _letters_for(form: InviteForm | InviteManyForm) -> list[Letter]:
    """Letters for new people; none where they may not be made, or something has to be answered first."""
    people, places = form.invited, _places()
    if not places["open"] or len(people) > places["left"] or form.asks(possible_duplicates(current_user, people)):
        return []
    return _invite_within(places["places"], people, _codes(form, len(people)), getattr(form, "rest", ""))


def _renewed(form: RenewForm) -> list[Letter]:
    """New letters for those ticked who have not come in yet, or what an earlier press made.

    Whoever has words here gets a code by hand, and none by post.
    """
    codes = {one: derive_code(f"{form.token} {one}", "invitation") for one in form.people.data}
    if letters := _stored(codes.values()):
        return letters
    ticked = Invitation.resident_id.in_(codes), ~goes_by_hand(Invitation.resident_id)
    newest = letters_to(*assigned_now(current_user), newest_letter(), *ticked).join(Invitation.resident)
    newest = newest.where(Person.secret_hash.is_(None), Person.closes_at.is_(None))
    return _renew([one.resident for one in db.session.scalars(newest)], codes)


def _renew(residents: Sequence[Person], codes: Mapping[int, str], by_hand: bool = False) -> list[Letter]:
    """New letters, whose codes are known by the resident's number: the old codes die. Commits."""
    theirs = {one.id: codes[one.id] for one in residents}
    old = update(Invitation).where(Invitation.resident_id.in_(theirs), Invitation.withdrawn_at.is_(None))
    db.session.execute(old.values(withdrawn_at=now()))
    try:
        letters = _make_letters(theirs, renewal=True, by_hand=by_hand) if theirs else []
        db.session.commit()
    except IntegrityError:  # another press was quicker
        db.session.rollback()
        return _stored(codes.values())
    return letters


def _make_letters(codes: Mapping[int, str], **more: Any) -> list[Letter]:
    """In one statement for residents who were read before, by their numbers. The caller commits."""
    rows = [
        {"resident_id": one, "made_by_id": current_user.id, "code_hash": code_hash_of(code), **more}
        for one, code in codes.items()
    ]
    made = db.session.scalars(insert(Invitation).returning(Invitation), rows)
    return _letters(codes.values(), [one for one in made if one.resident])  # known: no statement asks


def _invite_within(places: int, people: Sequence[tuple[str, str]], codes: Sequence[str], rest: str) -> list[Letter]:
    """Invite new people, with a statement for each table; one coach at a time; the rest is kept as a draft. Commits.

    Nobody is invited where the week's places are taken, counted with these, or in a pause that just began.
    """
    lock(WeeklyPlaces, select(func.min(WeeklyPlaces.id)).scalar_subquery())
    new = [
        {"role": Role.RESIDENT, "name": name, "name_key": name_key(name), "label": label, "label_key": name_key(label)}
        for name, label in people
    ]
    residents = db.session.scalars(insert(Person).returning(Person), new).all()  # in no order
    numbers = [one.id for one in sorted(residents, key=lambda one: people.index((one.name, one.label)))]
    db.session.execute(insert(Assignment), [{"resident_id": one, "coach_id": current_user.id} for one in numbers])
    if rest:
        kept = {"people": [rest], "order": request.form.getlist("order")}
        db.session.add(Draft(author_id=current_user.id, place=request.path, fields=kept))
    try:
        letters = _make_letters(dict(zip(numbers, codes, strict=True)))
        taken, paused = db.session.execute(select(invited_in_week(week_of(today())), is_paused())).one()
        good = taken <= places and not paused
    except IntegrityError:  # another press of the same form was quicker
        good = False
    if not good:
        db.session.rollback()
        pause(afresh=True)
        return _stored(codes)
    db.session.commit()
    return letters


def _places() -> dict[str, Any]:
    """This week's places, how many are left, when the next ones open, and what stands in the way of inviting now."""
    monday = week_of(today())
    counted = select(places_of(monday), invited_in_week(monday), promise_is_confirmed())
    places, taken, confirmed = db.session.execute(counted).one()
    left, stopped = max(places - taken, 0), pause()
    known = {"places": places, "taken": taken, "left": left, "next_week": monday + timedelta(days=7)}
    return known | {"confirmed": confirmed, "pause": stopped, "open": bool(left and confirmed and not stopped)}


def names_to_invite() -> int:
    """How many of the names that wait for a letter can have one now."""
    kept = names_kept()
    return kept if kept and _places()["open"] else 0


def names_kept() -> int:
    """How many names of a pasted list wait for a letter."""
    rows = drafts_at(url_for("invitations.make_invitations"), current_user.id)
    return len(read("\n".join(rows[0].fields.get("people", ()))).lines) if rows else 0
