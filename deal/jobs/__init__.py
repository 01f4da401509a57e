"""Work that nobody waits for at a page: `deal worker`, what each day needs, and the pages of big prints."""

from flask import Blueprint

bp = Blueprint("jobs", __name__)

from deal.jobs import views  # they add their views to bp
