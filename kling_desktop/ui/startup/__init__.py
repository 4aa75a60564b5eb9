"""What shows before the window has its pages: welcome and recovery."""
