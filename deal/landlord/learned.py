"""What we hope to learn and what we learned: one page to share with other places, numbers included; it names nobody."""

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from sqlalchemy import func, select

from deal.access import open_to
from deal.db import db, today, week_of
from deal.forms import VersionedForm, WordsField
from deal.kpis.blocks import about, published
from deal.landlord.views import bp
from deal.learning.models import changes_page
from deal.people import Role
from deal.settings import (
    TO_SHARE,
    Setting,
    change_settings,
    landlord,
    lock_settings,
    pause,
    places_in,
    settings_history,
)


class LearnedForm(VersionedForm):
    hope_to_learn = WordsField(
        _l("What we hope to learn"),
        description=_l("Other places read this page. Write nobody's name."),
        render_kw={"rows": 8},
    )
    hope_to_learn_cy = WordsField(_l("The same in Welsh (you can leave this empty)"), render_kw={"rows": 8})
    learned = WordsField(
        _l("What we learned"),
        description=_l("Also what went badly, and what you would not do again."),
        render_kw={"rows": 8},
    )
    learned_cy = WordsField(_l("The same in Welsh (you can leave this empty)"), render_kw={"rows": 8})


@bp.get("/learned")
@open_to(Role.COACH, Role.MANAGER)
def learned():
    """What we hope to learn, the numbers, what we changed, what we learned."""
    changes = changes_page(None)
    days = select(Setting.key, func.min(Setting.set_at), func.max(Setting.set_at)).where(Setting.key.in_(TO_SHARE))
    return render_template(
        "landlord/learned.html",
        since={key: both for key, *both in db.session.execute(days.group_by(Setting.key))},
        places=places_in(week_of(today())),
        pause=pause(),
        blocks=[(block.block, block.told(), block.goals.told().parts, about(block)) for block in published()],
        changes=changes.rows[:10],
        more_changes=len(changes.rows) > 10,
    )


@bp.get("/learned/write")
@open_to(Role.MANAGER)
def write_learned():
    """The words of that page, and what they were before."""
    now_set = _now_set()
    form = LearnedForm(data=now_set)
    form.starts_from(now_set)
    return _page(form)


@bp.post("/learned/write")
@open_to(Role.MANAGER)
def keep_learned():
    """Keep the words; where another manager was quicker, both are shown first."""
    form = LearnedForm()
    if not form.validate():
        return _page(form), 422
    lock_settings()
    now_set = _now_set()
    if not form.is_fresh(now_set):
        return _page(form), 409
    said = {name: form[name].data or "" for name in now_set}
    change_settings({key: {"en": said[key], "cy": said[f"{key}_cy"]} for key in TO_SHARE}, current_user)
    db.session.commit()
    flash(_("This is saved."))
    return redirect(url_for(".learned"), 303)


def _now_set() -> dict[str, str]:
    """The words in force, as the form names them."""
    ours = {key: getattr(landlord(), key) for key in TO_SHARE}
    return {
        f"{key}{ending}": ours[key].get(code, "") for key in TO_SHARE for ending, code in (("", "en"), ("_cy", "cy"))
    }


def _page(form: LearnedForm) -> str:
    return render_template("landlord/write_learned.html", form=form, history=settings_history(*TO_SHARE))
