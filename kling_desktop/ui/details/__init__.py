"""The details panel and the receipt of a clip."""
