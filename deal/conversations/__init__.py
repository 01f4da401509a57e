"""Talks between a resident and a coach; the coach's Today; what residents ask the managers."""

from flask import Blueprint

bp = Blueprint("conversations", __name__)

from deal.conversations import asks, caseload, chats, endings, pulse, reach, today, views  # they add their views to bp
