"""Talks between a resident and a coach; the coach's Today; what residents ask the managers."""

from flask import Blueprint

bp = Blueprint("conversations", __name__)

from deal.conversations import asks, caseload, endings, reach, views  # they add their views to bp
