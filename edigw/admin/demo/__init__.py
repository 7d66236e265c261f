"""`edigw demo`: a whole exchange on this machine, with two partners that are programs of their own."""
