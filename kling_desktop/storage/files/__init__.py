"""Files on disk: atomic writes, names, library folder, kept pictures."""
