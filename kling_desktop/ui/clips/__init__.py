"""What library, viewer and details share about a clip."""
