"""The deal, both halves: promises, whether the landlord's were kept, and what both agreed."""

from flask import Blueprint

bp = Blueprint("deals", __name__)

from deal.deals import views  # they add their views to bp
