"""Every sentence that a user reads, free of Qt."""
