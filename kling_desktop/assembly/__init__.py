"""Builds the objects of the core once, for the window and for the command line alike."""
