"""The library page: the wall of clips, its search and filters."""
