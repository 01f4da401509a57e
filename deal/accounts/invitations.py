"""A coach invites residents, one or many at once: letters with a code, and what became of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import segno
from flask import abort, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from markupsafe import Markup
from sqlalchemy import exists, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased, joinedload

from deal.access import open_to, resident_or_404
from deal.accounts import bp
from deal.accounts.auth_models import OneTimeKind, make_one_time_code
from deal.accounts.codes import grouped, hash_of, made_from
from deal.accounts.find import doubles
from deal.accounts.invitation_models import (
    Invitation,
    counts_of_letters,
    goes_by_hand,
    invited_in_week,
    letters_to,
    newest_letter,
)
from deal.accounts.invite_forms import MOST_AT_ONCE, InviteForm, InviteManyForm, LettersForm, RenewForm
from deal.accounts.pasted import read
from deal.db import db, lock, now, page_of, today, week_of
from deal.drafts.models import Draft, drafts_at, saved
from deal.forms import Press
from deal.idempotency import answers_again, idempotency_key, insert_once
from deal.names import isolated, name_key
from deal.people import Coaching, Person, Role, coaching_now
from deal.settings import WeeklyPlaces, is_paused, pause, places_of, promise_is_confirmed
from deal.undo import cannot_be_undone

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
by_hand = aliased(Invitation)


@dataclass(frozen=True)
class Letter:
    """An invitation and its code, which stands nowhere else."""

    invitation: Invitation
    code: str

    @property
    def groups(self) -> list[str]:
        """The code as it is printed, in groups of three."""
        return grouped(self.code).split("-")

    @property
    def qr(self) -> Markup:
        """The square that opens the letter's page."""
        address = current_app.config["PUBLIC_URL"] + url_for("accounts.welcome", code=self.code)
        title = _("A square that opens this letter's page")
        return Markup(segno.make(address, micro=False, error="m").svg_inline(border=2, omitsize=True, title=title))


def letters_of(codes: Sequence[str]) -> list[Letter]:
    """The letters of my residents that have these codes, in this order: those still alive that may be posted."""
    by_hash = {hash_of(code): code for code in codes}
    mine = letters_to(Coaching.coach_id == current_user.id, Coaching.until.is_(None))
    mine = mine.where(~Invitation.by_hand, Invitation.code_hash.in_(by_hash))
    found = {one.code_hash: one for one in db.session.scalars(mine) if one.is_alive}
    return [Letter(found[known], code) for known, code in by_hash.items() if known in found]


def letters_page(letters: Sequence[Letter]) -> str:
    """The letters, with the button that prints them; or a code that goes by hand."""
    saved()
    template = "accounts/code_by_hand.html" if letters[0].invitation.by_hand else "accounts/letters.html"
    return render_template(template, letters=letters, form=LettersForm(formdata=None))


@bp.get("/invitations")
@open_to(Role.COACH)
def invitations():
    """The newest letter of each of my residents, newest first, and what became of it."""
    return _invitations_page(RenewForm(formdata=None))


def _invitations_page(form: RenewForm) -> str:
    """All of them, or those of one kind."""
    show, mine = request.args.get("show"), (*coaching_now(current_user), newest_letter())
    counts = counts_of_letters(*mine)
    if show and show not in STATES:
        abort(404)
    letters = letters_to(*mine, *([Invitation.state_word() == show] if show else []))
    page = page_of(letters, Invitation.id.desc(), after=request.args.get("after"), size=MOST_AT_ONCE)
    known = {"show": show, "counts": counts, "states": STATES, "press": Press(formdata=None)}
    return render_template("accounts/invitations.html", page=page, form=form, **known, **_places())


@bp.post("/invitations/renew")
@open_to(Role.COACH)
@answers_again
@cannot_be_undone("a code was shown on the page, and may be on paper already")
def renew_invitations():
    """New letters for those who are ticked and can have one by post: the old codes die."""
    form = RenewForm()
    if form.validate() and (letters := _renewed(form)):
        return letters_page(letters)
    if not form.errors:
        form.form_errors.append(_("No letter was made. Look at the list again."))
    return _invitations_page(form), 422


@bp.get("/invitations/new")
@open_to(Role.COACH)
def invite():
    """Invite somebody, or several people."""
    return _invite_page()


def _invite_page(form: InviteForm | InviteManyForm | None = None) -> str:
    """Both forms, one of them as it was sent; or why nobody can be invited now, and how many names wait for that."""
    one = form if isinstance(form, InviteForm) else InviteForm(formdata=None)
    many = form if isinstance(form, InviteManyForm) else InviteManyForm(formdata=None)
    places = _places()
    kept = 0 if places["left"] else names_kept()
    return render_template("accounts/invite.html", one=one, many=many, form=form, kept=kept, **places)


@bp.post("/invitations/new")
@open_to(Role.COACH)
@answers_again
@cannot_be_undone("a code was shown on the page, and may be on paper already")
def make_invitation():
    """The answer is the letter, the only place where the code ever stands."""
    form = InviteForm()
    if letters := _made_before(form):
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
@answers_again
@cannot_be_undone("a code was shown on the page, and may be on paper already")
def make_invitations():
    """First show who would be invited; pressed there, invite them, and keep the names for whom there is no place."""
    form, press = InviteManyForm(), request.form.get("do")
    form.first.data = form.first.data if press == "make" else ""
    if press == "change":
        return _invite_page(form)
    if press == "make" and (letters := _made_before(form)):
        return letters_page(letters)
    good = form.validate() and len(form.invited) <= MOST_AT_ONCE
    if good and press == "make" and (letters := _letters_for(form)):
        return letters_page(letters)
    places = _places()
    if form.people.errors or form.adult.errors or not form.fits(places):
        return _invite_page(form), 422
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


def _codes(form: InviteForm | InviteManyForm, many: int) -> list[str]:
    """The form and the words in it make the codes, so that the second press is answered with the same letters."""
    key = idempotency_key()
    return [made_from(f"{form.token} {key} {line}", "invitation") for line in range(many)]


def _made_before(form: InviteForm | InviteManyForm) -> list[Letter]:
    """The letters that an earlier press of the form made."""
    codes = _codes(form, MOST_AT_ONCE)
    return _in_order(codes, _stored(codes))


def _letters_for(form: InviteForm | InviteManyForm) -> list[Letter]:
    """Letters for new people; none where they may not be made, or something has to be answered first."""
    people, places = form.invited, _places()
    may_invite = places["confirmed"] and not places["pause"] and len(people) <= places["left"]
    if not may_invite or form.asks(doubles(current_user, people)):
        return []
    codes = _codes(form, len(people))
    return _in_order(codes, _invite_within(places["places"], people, codes, getattr(form, "rest", "")))


def _in_order(codes: Sequence[str], letters: Sequence[Invitation]) -> list[Letter]:
    by_hash = {one.code_hash: one for one in letters}
    return [Letter(by_hash[hash_of(code)], code) for code in codes if hash_of(code) in by_hash]


def _renewed(form: RenewForm) -> list[Letter]:
    """Their new letters, or those that an earlier press made; in a list of those ticked who have not come in yet."""
    codes = {one: made_from(f"{form.token} {one}", "invitation") for one in form.people.data}
    stored = _stored(list(codes.values())) or _renew(codes)
    return sorted(
        (Letter(one, codes[one.resident_id]) for one in stored), key=lambda one: one.invitation.resident.name_key
    )


def _renew(codes: dict[int, str]) -> Sequence[Invitation]:
    """With a statement for each table; whoever has words here gets a code by hand, and none by post. Commits."""
    typed_in = exists().where(
        by_hand.resident_id == Invitation.resident_id, by_hand.shut_at.is_not(None) | by_hand.by_hand
    )
    letters = letters_to(*coaching_now(current_user), newest_letter(), Invitation.resident_id.in_(codes), ~typed_in)
    letters = letters.join(Invitation.resident).where(Person.secret_hash.is_(None), Person.closes_at.is_(None))
    people = {one.resident_id: one.resident for one in db.session.scalars(letters)}
    old = update(Invitation).where(Invitation.resident_id.in_(people), Invitation.withdrawn_at.is_(None))
    db.session.execute(old.values(withdrawn_at=now()))
    new = [{"resident_id": one, "renewal": True, **_made_now(codes[one])} for one in people]
    try:
        made = db.session.scalars(insert(Invitation).returning(Invitation), new).all() if new else []
        db.session.commit()
    except IntegrityError:  # another press was quicker
        db.session.rollback()
        return _stored(list(codes.values()))
    return [one for one in made if one.resident]


def _stored(codes: Sequence[str]) -> Sequence[Invitation]:
    """What an earlier press made."""
    query = (
        select(Invitation).where(Invitation.code_hash.in_(map(hash_of, codes))).options(joinedload(Invitation.resident))
    )
    return db.session.scalars(query).all()


def _invite_within(
    places: int, people: Sequence[tuple[str, str]], codes: Sequence[str], rest: str
) -> Sequence[Invitation]:
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
    db.session.execute(insert(Coaching), [{"resident_id": one, "coach_id": current_user.id} for one in numbers])
    letters = [{"resident_id": one, **_made_now(code)} for one, code in zip(numbers, codes, strict=True)]
    if rest:
        kept = {"people": [rest], "order": request.form.getlist("order")}
        db.session.add(Draft(author_id=current_user.id, place=request.path, fields=kept))
    try:
        made = db.session.scalars(insert(Invitation).returning(Invitation), letters).all()
        taken, paused = db.session.execute(select(invited_in_week(week_of(today())), is_paused())).one()
        good = taken <= places and not paused
    except IntegrityError:  # another press of the same form was quicker
        good = False
    if not good:
        db.session.rollback()
        pause(afresh=True)
        return _stored(codes)
    db.session.commit()
    return [one for one in made if one.resident]  # who is known here, and asked for by no statement


def _made_now(code: str) -> dict[str, Any]:
    return {"made_by_id": current_user.id, "code_hash": hash_of(code)}


def _places() -> dict:
    """This week's places, how many are left, when the next ones open, a pause, and whether the promise is confirmed."""
    monday = week_of(today())
    counted = select(places_of(monday), invited_in_week(monday), promise_is_confirmed())
    places, taken, confirmed = db.session.execute(counted).one()
    page = {"places": places, "taken": taken, "left": max(places - taken, 0), "confirmed": confirmed}
    return page | {"next_week": monday + timedelta(days=7), "pause": pause()}


def names_to_invite() -> int:
    """How many of them can have one now."""
    kept = names_kept()
    places = _places() if kept else {}
    return kept if places and places["left"] and places["confirmed"] and not places["pause"] else 0


def names_kept() -> int:
    """How many names of a pasted list wait for a letter."""
    rows = drafts_at(url_for("accounts.make_invitations"), current_user.id)
    return len(read("\n".join(rows[0].fields.get("people", ()))).lines) if rows else 0
