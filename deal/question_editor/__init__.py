"""The pages on which managers write the next questions, with figures and suggestions."""

from flask import Blueprint

bp = Blueprint("question_editor", __name__)

from deal.question_editor import views  # they add their views to bp
