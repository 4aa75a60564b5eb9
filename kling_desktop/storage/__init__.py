"""What is kept: database, files, settings."""
