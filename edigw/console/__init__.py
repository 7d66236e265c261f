"""The web console: pages made on the server, for admins, auditors and partners. No build step; none needs a script."""
