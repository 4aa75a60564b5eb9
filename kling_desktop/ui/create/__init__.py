"""The Create panel: pictures, prompt, model and options of the next clip."""
