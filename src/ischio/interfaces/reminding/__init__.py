"""Reminders by e-mail: their words, and what comes back."""
