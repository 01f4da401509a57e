"""Signing in: sign-in names and PINs, passwords, sessions, throttling, and posts that wait for a sign-in."""

from flask import Blueprint

bp = Blueprint("auth", __name__)

from deal.auth import pending_post, views  # they add their views to bp
