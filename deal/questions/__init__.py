"""Question sets: reading, checking, editing."""

from flask import Blueprint

bp = Blueprint("questions", __name__)
