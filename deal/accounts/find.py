"""A coach finds somebody among their own people and those they cover."""

from flask import render_template, request
from flask_login import current_user
from sqlalchemy import select

from deal.access import open_to
from deal.accounts import bp
from deal.accounts.coaching import how_theirs
from deal.accounts.models import Invitation, letters_to
from deal.db import Page, db, page_of
from deal.people import Coaching, Person, Role, coaching_now, name_key


@bp.get("/people")
@open_to(Role.COACH)
def find():
    """Everybody of mine by name, or those whose name or label has what was typed."""
    typed = request.args.get("q", "").replace("\0", "")[:200]
    page = found(current_user, typed, request.args.get("after"))
    why = how_theirs(current_user, [one.id for one in page.rows])
    return render_template("accounts/find.html", typed=typed, page=page, why=why)


def found(coach: Person, typed: str, after: str | None, size: int = 25) -> Page:
    """The coach's people who have each typed word somewhere in their name or label, by name."""
    query = select(Person).join(Coaching, Coaching.resident_id == Person.id).where(*coaching_now(coach))
    for word in name_key(typed).split()[:10]:
        has = [key.contains(word, autoescape=True) for key in (Person.name_key, Person.label_key)]
        query = query.where(has[0] | has[1])
    return page_of(query, Person.name_key, Person.id, after=after, size=size)


def said_no_thanks(coach: Person, name: str, label: str) -> Invitation | None:
    """The newest letter of this coach's to somebody of this name and label who said no thanks, and no more since."""
    same = Person.name_key == name_key(name), Person.label_key == name_key(label), Person.secret_hash.is_(None)
    no_more = Invitation.agreed_at.is_(None) | (Invitation.agreed_at < Invitation.no_thanks_at)
    letters = letters_to(*coaching_now(coach), Invitation.resident_id.in_(select(Person.id).where(*same)))
    said = letters.where(Invitation.no_thanks_at.is_not(None), no_more)
    return db.session.scalar(said.order_by(Invitation.id.desc()).limit(1))
