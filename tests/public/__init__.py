"""Real files from public repositories, each with a reviewed outcome. Nothing of their content is kept here."""
