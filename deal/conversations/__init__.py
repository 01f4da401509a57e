"""Talks between a resident and a coach; the coach's Today; what residents ask the managers."""

from flask import Blueprint

bp = Blueprint("conversations", __name__)
