"""Stories of people, guards that keep the house as designed, properties, and ugly input."""
