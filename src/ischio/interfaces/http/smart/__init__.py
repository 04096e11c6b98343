"""Launch from a record by SMART App Launch 2.2."""
