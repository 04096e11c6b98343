"""What the clinic's application does, without its pages."""
