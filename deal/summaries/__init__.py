"""Everything that is printed."""

from deal.summaries import cards, letters, papers  # they add their views to bp
from deal.summaries.views import bp
