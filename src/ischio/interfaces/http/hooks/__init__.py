"""CDS Hooks 2.0.1: discovery, calls, cards, feedback."""
