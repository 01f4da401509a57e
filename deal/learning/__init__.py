"""What got in residents' way, what of it they pass on without their name, and what the landlord changed."""

from flask import Blueprint

bp = Blueprint("learning", __name__)

from deal.learning import question_editor, views  # they add their views to bp
