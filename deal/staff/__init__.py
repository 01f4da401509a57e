"""Coaches and managers: adding, suspending, workload."""

from flask import Blueprint

bp = Blueprint("staff", __name__)

from deal.staff import views  # they add their views to bp
