"""The settings file and the API key."""
