"""What stands before every request: limits, who may call, what is logged."""
