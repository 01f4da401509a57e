"""What got in residents' way, what of it they pass on without their name, and what the landlord changed."""

from flask import Blueprint

bp = Blueprint("learning", __name__)
