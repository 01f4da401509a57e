"""Talks between a resident and a coach, their notes, and the next chat."""

from flask import Blueprint

bp = Blueprint("conversations", __name__)

from deal.conversations import views  # they add their views to bp
