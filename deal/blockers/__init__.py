"""What got in residents' way, what of it they pass on without their name, and what the landlord changed."""

from flask import Blueprint

bp = Blueprint("blockers", __name__)

from deal.blockers import views  # they add their views to bp
