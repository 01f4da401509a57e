"""About me: question sets, assessments, answers, drafts."""

from flask import Blueprint

bp = Blueprint("assessment", __name__)

from deal.assessment import helped, pulse, translations, type_in, views  # they add their views to bp
