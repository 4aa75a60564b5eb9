"""The database file: opening, migrations, backups, journal and recovery."""
