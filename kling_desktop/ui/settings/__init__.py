"""The settings dialog and the spending sheet."""
