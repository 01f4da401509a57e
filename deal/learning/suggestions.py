"""Better questions that residents thought of: managers read them without names, days or order."""

import hashlib

from flask import render_template
from sqlalchemy import select

from deal.access import open_to
from deal.assessment.pulse import Suggestion
from deal.db import block_of, db, start_of, today
from deal.learning import bp
from deal.people import Role

MOST = 200  # the newest of them


@bp.get("/suggestions")
@open_to(Role.MANAGER)
def suggestions():
    """In mixed order. This block's wait for its end: whoever knows who was here today could tell whose they are."""
    query = select(Suggestion).where(Suggestion.at < start_of(block_of(today())), Suggestion.taken_back_at.is_(None))
    rows = db.session.scalars(query.order_by(Suggestion.id.desc()).limit(MOST)).all()
    mixed = sorted(rows, key=lambda one: hashlib.sha256(one.words.encode()).digest())
    return render_template("learning/suggestions.html", suggestions=mixed)
