"""What is asked of the servers of others, and how far they are believed."""
