"""The first page of each person, and the pages that every page links to."""

import json
from typing import Any

from flask import abort, current_app, flash, redirect, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from deal.access import last_seen, open_to, open_to_everyone, resident_or_404
from deal.accounts.pending import local
from deal.conversations.forms import ChatForm, PhoneForm
from deal.conversations.models import plan_chat as keep_chat
from deal.conversations.models import planned_chat, reach_of
from deal.conversations.reach import keep_phone as keep_number
from deal.db import db, lock
from deal.forms import Form
from deal.home import bp
from deal.home.my_page import hope_of, my_page
from deal.home.one_person import one_person, to_put_right
from deal.learning.timeline import timeline_page
from deal.people import Person, Role
from deal.settings import LANGUAGE_COOKIE, PROMISE, TEXT_SIZE_COOKIE, TEXT_SIZES, in_our_language, landlord, languages


@bp.record_once
def init(state: Any) -> None:
    """The last page of About me offers a goal, which is in a room above it."""
    state.app.jinja_env.globals["hope_of"] = hope_of


@bp.get("/")
@open_to_everyone
def index():
    """Each to their own first page; signed out, the ways in."""
    if not current_user.is_authenticated:
        return render_template("home/index.html")
    if current_user.is_resident:
        return redirect(url_for(".resident", resident_id=current_user.id), 303)
    return redirect(url_for("conversations.today" if current_user.is_coach else "kpis.numbers"), 303)


@bp.get("/language/<chosen>")
@open_to_everyone
def language(chosen):
    """Remember the chosen language in this browser for a year, and go back. A link: it changes nothing of ours."""
    back = local(request.args.get("next")) or url_for(".index")
    return _remembered(back, LANGUAGE_COOKIE, chosen) if chosen in languages() else redirect(back, 303)


@bp.get("/text-size/<int:size>")
@open_to_everyone
def text_size(size):
    """Remember in this browser how large the text is."""
    if size not in TEXT_SIZES:
        abort(404)
    return _remembered(url_for(".more", _anchor="text-size"), TEXT_SIZE_COOKIE, str(size))


def _remembered(back: str, cookie: str, value: str) -> Response:
    answer, secure = redirect(back, 303), current_app.config["SESSION_COOKIE_SECURE"]
    answer.set_cookie(cookie, value, max_age=60 * 60 * 24 * 365, httponly=True, samesite="Lax", secure=secure)
    return answer


ICONS = {"icon-192": ("192x192", "any"), "icon-512": ("512x512", "any"), "icon-maskable": ("512x512", "maskable")}

COLOURS = {"theme_color": "#4b2a7b", "background_color": "#fcf8f0"}  # as in deal.css


@bp.get("/manifest.webmanifest")
@open_to_everyone
def manifest():
    """What a phone needs to put the sign-in page on its home screen. It keeps no words: there is no service worker."""
    name = in_our_language(landlord().service_name)
    icons = [
        {"src": url_for("static", filename=f"{file}.png"), "sizes": sizes, "purpose": purpose, "type": "image/png"}
        for file, (sizes, purpose) in ICONS.items()
    ]
    told = {"name": name, "short_name": name, "lang": str(get_locale()), "id": "/", "scope": "/", "icons": icons}
    shown = {"start_url": url_for("accounts.sign_in"), "display": "minimal-ui", **COLOURS}
    return Response(json.dumps(told | shown), mimetype="application/manifest+json")


@bp.get("/help")
@open_to_everyone
def help_now():
    """Whom to ring when somebody needs help now; for staff also where to write it down: Deal keeps no such notes."""
    return render_template("home/help.html")


@bp.get("/privacy")
@open_to_everyone
def privacy():
    """What Deal keeps about people, for how long, and who can see it."""
    return render_template("home/privacy.html", promise=PROMISE)


@bp.get("/more")
@open_to_everyone
def more():
    """What is rarely needed, with a sentence about each; the size of the text; how everybody can use these pages."""
    return render_template("home/more.html")


@bp.get("/residents/<int:resident_id>/timeline")
@open_to(Role.RESIDENT, Role.COACH)
def timeline(resident_id):
    """All that happened, newest first; writing down what got in the way."""
    return timeline_page(resident_or_404(resident_id))


@bp.get("/residents/<int:resident_id>")
@open_to(Role.RESIDENT, Role.COACH)
def resident(resident_id):
    """A resident's own first page; for their coach, all of one person on one page."""
    person = resident_or_404(resident_id)
    if current_user.is_resident:
        return render_template("home/resident.html", **my_page(person))
    return render_template("home/coachs_resident.html", since=last_seen(person), **one_person(person))


@bp.post("/residents/<int:resident_id>/chat")
@open_to(Role.COACH)
def plan_chat(resident_id):
    """Plan the next chat; an empty day calls it off."""
    person, form = resident_or_404(resident_id), ChatForm()
    lock(Person, person.id)
    if status := form.refused(ChatForm.version_of(planned_chat(person))):
        return _again(person, form), status
    keep_chat(person, current_user, form.chat)
    db.session.commit()
    flash(_("The next chat is written down.") if form.chat else _("No chat is planned now."))
    return redirect(url_for(".resident", resident_id=resident_id), 303)


@bp.post("/residents/<int:resident_id>/phone")
@open_to(Role.COACH)
def keep_phone(resident_id):
    """A number to ring, kept with their yes; an empty one takes it away."""
    person, form = resident_or_404(resident_id), PhoneForm()
    lock(Person, person.id)
    kept = reach_of(person)
    if status := form.refused({"phone": kept and kept.phone}):
        return _again(person, form), status
    keep_number(person, form.phone.data or None)
    db.session.commit()
    flash(_("The telephone number is saved.") if form.phone.data else _("The telephone number is gone."))
    return redirect(url_for(".resident", resident_id=resident_id), 303)


def _again(person: Person, form: Form) -> str:
    """Their page once more, with the form that wants putting right; all else of it is a press away."""
    return render_template("home/coachs_resident.html", **to_put_right(person, form))
