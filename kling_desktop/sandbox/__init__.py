"""A local service that speaks the same wire contract."""
