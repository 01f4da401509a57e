"""Is it hurting the business? A manager says so each week, and coaches say about how many hours Deal took them."""

import enum
from datetime import date, datetime
from typing import Self

from flask import flash, redirect, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp
from flask_login import current_user
from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column
from wtforms.widgets import TextArea

from deal.access import open_to
from deal.clock import now, today, week_of
from deal.conversations.caseload import desk
from deal.conversations.hours import CoachHours, HoursForm, WeekForm, last_week
from deal.db import db, insert_into, values_of
from deal.forms import LineField, OneOfField, choices_of
from deal.kpis import bp
from deal.people import Role


class Hurts(enum.Enum):
    """Is it hurting the business?"""

    NO = "no"
    NOT_SURE = "not-sure"
    YES = "yes"


HURTS = {Hurts.NO: _lp("is it hurting?", "No"), Hurts.NOT_SURE: _l("Not sure"), Hurts.YES: _lp("is it hurting?", "Yes")}


class BusinessAnswer(db.Model):
    """A manager's answer for a week; the newest of a week holds."""

    week: Mapped[date] = mapped_column(index=True)  # a Monday
    hurts: Mapped[Hurts] = mapped_column(values_of(Hurts))
    words: Mapped[str] = mapped_column(String(200))  # one sentence, or none
    language: Mapped[str] = mapped_column(String(10))
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime] = mapped_column(default=now)


class BusinessForm(WeekForm):
    """For this week."""

    sent_to = "kpis.answer_weekly"
    hurts = OneOfField(
        _l("Is it hurting the business?"), needed=_l("Choose no, not sure or yes."), choices=choices_of(HURTS)
    )
    words = LineField(
        _l("Say it in one sentence, without names (you can leave this empty)"),
        most=200,
        widget=TextArea(),
        render_kw={"rows": 2},
    )

    @classmethod
    def opened(cls, hurts: str | None, words: str) -> Self:
        """As the managers said it last, to be corrected while the week lasts."""
        return cls(formdata=None, data={"hurts": hurts, "words": words})

    def keep(self) -> None:
        """Beside the earlier ones of this week. Commits."""
        said = {"hurts": Hurts(self.hurts.data), "words": self.words.data or "", "language": str(get_locale())}
        db.session.add(BusinessAnswer(week=week_of(today()), by_id=current_user.id, **said))
        db.session.commit()


@bp.post("/hours")
@open_to(Role.COACH)
def keep_hours():
    """Keep the hours; a newer number takes the place of an earlier one."""
    form = HoursForm()
    if not form.validate():
        return desk(form), 422
    newer = {"hours": form.hours.data, "at": now()}
    row = insert_into(CoachHours).values(coach_id=current_user.id, week=last_week(), **newer)
    db.session.execute(row.on_conflict_do_update(index_elements=["coach_id", "week"], set_=newer))
    db.session.commit()
    flash(_("Thank you. Your hours are saved."))
    return redirect(url_for("conversations.today"), 303)
