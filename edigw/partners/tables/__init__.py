"""The tables of `edigw.toml` and of the partner files, a module for each of them or for a few that belong together."""
