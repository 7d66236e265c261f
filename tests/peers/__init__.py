"""Other open-source parsers and their test data, as oracles: what we say alike, and why we differ where we do."""
