"""One named function per number."""

from flask import Blueprint

bp = Blueprint("kpis", __name__)

from deal.kpis import exports, views, weekly  # they add their views to bp
