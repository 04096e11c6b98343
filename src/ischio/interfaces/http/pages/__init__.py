"""The clinic's application: its pages."""
