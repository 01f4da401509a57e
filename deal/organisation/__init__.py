"""The landlord's settings' pages, the promise, the weekly places and the pictures of letters."""

from flask import Blueprint

bp = Blueprint("organisation", __name__)

from deal.organisation import views  # they add their views to bp
