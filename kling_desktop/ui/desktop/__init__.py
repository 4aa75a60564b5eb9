"""The desktop around the window: icon, tray, notifications."""
