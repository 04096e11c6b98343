"""What the service keeps: events, cards, feedback and the audit trail, in SQLite or PostgreSQL."""
