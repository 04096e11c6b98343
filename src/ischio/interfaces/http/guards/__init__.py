"""What every request passes before it is answered: one small ASGI middleware for each idea."""
