"""What somebody typed and has not saved: one draft for every form with a box of words."""
