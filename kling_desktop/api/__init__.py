"""The Runware service over HTTP."""
