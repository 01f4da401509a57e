"""About me: question sets, assessments, answers, drafts."""

from flask import Blueprint

bp = Blueprint("assessment", __name__)
