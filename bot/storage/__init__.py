"""The database: tables, the scheduler's statements, migrations; SQLite or PostgreSQL."""
