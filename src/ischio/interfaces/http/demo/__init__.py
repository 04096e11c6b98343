"""A small record of its own, to see the service work."""
