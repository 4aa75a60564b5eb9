"""The window's program: builds every object once, runs the loop, closes in order."""
