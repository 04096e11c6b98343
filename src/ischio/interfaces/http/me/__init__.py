"""The patient's application: its pages."""
