"""Who has looked at a resident's words."""

from deal.privacy import never  # they add their views to bp
from deal.privacy.views import bp
