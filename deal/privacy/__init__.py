"""Who has looked at a resident's words, all their words, taking them back, and who must never see them."""

from flask import Blueprint

bp = Blueprint("privacy", __name__)

from deal.privacy import staff_exclusions, views  # they add their views to bp
