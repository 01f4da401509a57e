"""One class per number."""

from flask import Blueprint

bp = Blueprint("kpis", __name__)

from deal.kpis import exports, lessons, views  # they add their views to bp
