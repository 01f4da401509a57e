"""How a resident is reached, and whether they still want to be: preferences, please ring me, endings."""

from flask import Blueprint

bp = Blueprint("contact", __name__)

from deal.contact import contact_preferences, lifecycle  # they add their views to bp
