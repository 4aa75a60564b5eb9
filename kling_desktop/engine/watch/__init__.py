"""What is watched while jobs run: network, library folder, remote status, progress."""
