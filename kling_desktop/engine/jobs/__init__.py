"""The steps of one job, from its request to its file."""
