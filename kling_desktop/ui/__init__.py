"""Qt widgets, models and delegates."""
