"""Goals, wordings, steps, check-ins."""

from flask import Blueprint

bp = Blueprint("goals", __name__)

from deal.goals import views  # they add their views to bp
