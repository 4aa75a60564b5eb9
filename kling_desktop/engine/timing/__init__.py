"""Waiting: the clock, delays and what happens once a minute."""
