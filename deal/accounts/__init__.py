"""Invitations, consent, sign-in name and PIN, password, sign-ins, staff."""

from flask import Blueprint

bp = Blueprint("accounts", __name__)

from deal.accounts import hand_over, invitations, pending, sign_in, staff, welcome  # they add their views to bp
