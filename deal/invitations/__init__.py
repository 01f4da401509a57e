"""Letters with a code, consent, the first PIN."""

from flask import Blueprint

bp = Blueprint("invitations", __name__)

from deal.invitations import onboarding, views  # they add their views to bp
