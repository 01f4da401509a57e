"""Who coaches whom: assigning, handing over, cover; the coach's Today and People."""

from flask import Blueprint

bp = Blueprint("caseload", __name__)

from deal.caseload import desk, views  # they add their views to bp
