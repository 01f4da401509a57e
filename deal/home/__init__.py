"""The first page of each person, and what is reached from every page."""

from flask import Blueprint

bp = Blueprint("home", __name__)

from deal.home import change, views  # they add their views to bp
