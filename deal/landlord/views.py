"""The landlord's settings, the promise and the weekly places, set by managers."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from deal.access import open_to
from deal.db import db, today, week_of
from deal.forms import Press
from deal.landlord.forms import PlacesForm, SettingsForm
from deal.people import Role
from deal.settings import (
    PROMISE,
    ConfirmedSentence,
    WeeklyPlaces,
    change_settings,
    confirmations,
    landlord,
    lock_settings,
    pause,
    places_in,
    settings_history,
    weekly_places,
)

bp = Blueprint("landlord", __name__)

IN_BOTH = ("service_name", "organisation", "complaints", "help_lines", "danger")  # in both languages
SET_HERE = ("phone", "repairs_phone", "contact_days", "quiet_weeks", "least_people", "moved_months", "welsh_checked_by")


@bp.get("/settings")
@open_to(Role.MANAGER)
def settings():
    """Everything that a manager sets, with who set it and when."""
    return _page()


@bp.post("/settings")
@open_to(Role.MANAGER)
def change():
    """Keep the settings: a dated, signed row for each that changed."""
    form = SettingsForm()
    if not form.validate():
        return _page(settings_form=form), 422
    lock_settings()
    if not form.is_fresh(_now_set()):
        return _page(settings_form=form), 409
    changes = {name: form[name].data or "" for name in SET_HERE}
    changes |= {name: {"en": form[name].data or "", "cy": form[f"{name}_cy"].data or ""} for name in IN_BOTH}
    change_settings(changes, current_user)
    db.session.commit()
    flash(_("The settings are kept."))
    return redirect(url_for(".settings"), 303)


@bp.post("/settings/promise")
@open_to(Role.MANAGER)
def confirm():
    """Confirm one sentence of the promise, in the wording that was on the page."""
    form = Press()
    if not form.validate():
        abort(400)
    wording = request.form.get("sentence", "")
    if wording not in PROMISE:
        abort(404)
    if wording not in confirmations():
        db.session.add(ConfirmedSentence(wording=wording, confirmed_by_id=current_user.id))
        db.session.commit()
    return redirect(url_for(".settings", _anchor="our-promise"), 303)


@bp.post("/settings/places")
@open_to(Role.MANAGER)
def set_places():
    """How many people may be invited, from a week on."""
    form = PlacesForm()
    if not form.validate():
        return _page(places_form=form), 422
    lock_settings()
    if not form.is_fresh(_newest(weekly_places())):
        return _page(places_form=form), 409
    week = week_of(form.week.data or today())
    if places_in(week) != form.places.data:
        db.session.add(WeeklyPlaces(week=week, places=form.places.data, set_by_id=current_user.id))
        db.session.commit()
    flash(_("The weekly places are kept."))
    return redirect(url_for(".settings", _anchor="weekly-places"), 303)


@bp.post("/settings/pause")
@open_to(Role.MANAGER)
def set_pause():
    """Pause invitations, or invite again; pressed where somebody else was quicker, it changes nothing."""
    form = Press()
    if not form.validate() or request.form.get("paused") not in ("yes", "no"):
        abort(400)
    change_settings({"paused": request.form["paused"] == "yes"}, current_user)
    db.session.commit()
    flash(_("Invitations are paused.") if landlord().paused else _("People can be invited again."))
    return redirect(url_for(".settings", _anchor="pause"), 303)


def _now_set() -> dict[str, Any]:
    """What is in force, as the form names it."""
    ours = landlord()
    now_set = {name: getattr(ours, name) for name in SET_HERE}
    for name in IN_BOTH:
        words = getattr(ours, name)
        now_set |= {name: words.get("en", ""), f"{name}_cy": words.get("cy", "")}
    return now_set


def _newest(rows: Sequence[WeeklyPlaces]) -> int | None:
    return max((row.id for row in rows), default=None)


def _page(settings_form: SettingsForm | None = None, places_form: PlacesForm | None = None) -> str:
    rows, now_set = weekly_places(), _now_set()
    if settings_form is None:
        settings_form = SettingsForm(formdata=None, data=now_set)
        settings_form.starts_from(now_set)
    if places_form is None:
        places_form = PlacesForm(formdata=None, places=rows[0].places if rows else 18)
        places_form.starts_from(_newest(rows))
    return render_template(
        "landlord/settings.html",
        form=settings_form,
        places_form=places_form,
        promise=PROMISE,
        confirmed=confirmations(),
        places=rows,
        pause=pause(),
        history=settings_history(),
        press=Press(formdata=None),
    )
