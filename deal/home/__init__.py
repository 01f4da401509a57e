"""The first page of each person, and what is reached from every page."""

from flask import Blueprint

bp = Blueprint("home", __name__)
