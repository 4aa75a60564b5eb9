"""How values are written in columns and read back."""
