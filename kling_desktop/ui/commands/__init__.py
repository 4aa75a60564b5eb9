"""Every command, its shortcut, and the sheet that lists them."""
