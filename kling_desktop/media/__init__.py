"""Pictures and films without widgets."""
