"""The shared controls: buttons, fields, chips, rows."""
