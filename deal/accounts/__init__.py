"""Invitations, consent, sign-in name and PIN, password, sign-ins, staff."""

from flask import Blueprint

bp = Blueprint("accounts", __name__)
