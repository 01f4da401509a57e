"""Who has looked at a resident's words."""
