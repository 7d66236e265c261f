"""Hostile input: whatever arrives is read, judged and answered without an exception and in bounded time."""
