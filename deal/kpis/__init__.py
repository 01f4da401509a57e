"""One named function per number."""
