"""The pages on which managers set the landlord's settings."""

from deal.landlord.views import bp
