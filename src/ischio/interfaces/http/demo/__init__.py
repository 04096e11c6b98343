"""A small record of synthetic people, to see the service work: it calls the hooks and launches the application as any
records system would, over HTTP, and knows no more of the pathway than what the service publishes.
"""
