"""About me: question sets, assessments, answers, drafts."""

from flask import Blueprint

bp = Blueprint("assessment", __name__)

from deal.assessment import assisted_mode, pulse, transcription, translations, views  # they add their views to bp
