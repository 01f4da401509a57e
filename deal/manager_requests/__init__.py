"""What managers have to answer: what residents ask of them, and what got in residents' way."""

from flask import Blueprint

bp = Blueprint("manager_requests", __name__)

from deal.manager_requests import views  # they add their views to bp
