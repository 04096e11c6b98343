"""Forms as somebody fills them in: what is shown, what an answer may be, the finished response."""
