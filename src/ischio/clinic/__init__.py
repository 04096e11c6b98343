"""What the clinic's application does, without its pages: people, their charts, what is answered, declined and due."""
