"""The viewer, full screen and Compare."""
