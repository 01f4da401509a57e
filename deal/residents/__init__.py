"""One person's page, their timeline, and what a coach can change about them."""

from flask import Blueprint

bp = Blueprint("residents", __name__)

from deal.residents import change, views  # they add their views to bp
