"""The way to the first page of each person, and the pages that every page links to."""

import json

from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for
from flask_babel import get_locale
from flask_login import current_user
from werkzeug.wrappers import Response

from deal.access import open_to_everyone
from deal.auth.pending_post import local
from deal.settings import LANGUAGE_COOKIE, PROMISE, TEXT_SIZE_COOKIE, TEXT_SIZES, landlord, languages, localized

bp = Blueprint("home", __name__)


@bp.get("/")
@open_to_everyone
def index():
    """Each to their own first page; signed out, the ways in."""
    if not current_user.is_authenticated:
        return render_template("home/index.html")
    if current_user.is_resident:
        return redirect(url_for("residents.resident", resident_id=current_user.id), 303)
    return redirect(url_for("caseload.today" if current_user.is_coach else "kpis.numbers"), 303)


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
    name = localized(landlord().service_name)
    icons = [
        {"src": url_for("static", filename=f"{file}.png"), "sizes": sizes, "purpose": purpose, "type": "image/png"}
        for file, (sizes, purpose) in ICONS.items()
    ]
    told = {"name": name, "short_name": name, "lang": str(get_locale()), "id": "/", "scope": "/", "icons": icons}
    shown = {"start_url": url_for("auth.sign_in"), "display": "minimal-ui", **COLOURS}
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
