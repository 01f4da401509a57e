"""The pages on which managers set the landlord's settings."""
