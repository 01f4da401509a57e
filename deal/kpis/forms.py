"""The form of the week: is it hurting the business?"""

from flask_babel import get_locale
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp
from flask_login import current_user
from wtforms.widgets import TextArea

from deal.caseload.forms import WeekForm
from deal.clock import today, week_of
from deal.db import db
from deal.forms import LineField, OneOfField, choices_of
from deal.kpis.models import BusinessAnswer, Hurts

HURTS = {Hurts.NO: _lp("is it hurting?", "No"), Hurts.NOT_SURE: _l("Not sure"), Hurts.YES: _lp("is it hurting?", "Yes")}


class BusinessForm(WeekForm):
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

    def keep(self) -> None:
        """Beside the earlier ones of this week. Commits."""
        said = {"hurts": Hurts(self.hurts.data), "words": self.words.data or "", "language": str(get_locale())}
        db.session.add(BusinessAnswer(week=week_of(today()), by_id=current_user.id, **said))
        db.session.commit()
