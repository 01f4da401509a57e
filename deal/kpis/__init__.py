"""One named function per number."""

from flask import Blueprint

bp = Blueprint("kpis", __name__)
