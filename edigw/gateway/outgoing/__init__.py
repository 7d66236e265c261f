"""What goes out: translated, put into envelopes, handed over, delivered exactly once."""
