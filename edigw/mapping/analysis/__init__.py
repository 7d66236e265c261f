"""Looking at bindings: what they cover, how two of them differ, whether their examples hold."""
