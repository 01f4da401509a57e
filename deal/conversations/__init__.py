"""Talks between a resident and a coach; the coach's Today."""
