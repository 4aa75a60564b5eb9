"""The main window: its panels, status line and banner."""
