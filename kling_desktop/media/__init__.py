"""Pictures and videos without widgets."""
