"""The queue panel: jobs that wait, run or have ended."""
