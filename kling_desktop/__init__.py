"""Kling Desktop: turn pictures and words into short videos with KlingAI's models."""

__version__ = "0.1.0"
