"""What may be queued and sent: requests, pauses, budget, batch files."""
