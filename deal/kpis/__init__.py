"""One class per number."""

from flask import Blueprint

bp = Blueprint("kpis", __name__)

from deal.kpis import exports, views  # they add their views to bp
