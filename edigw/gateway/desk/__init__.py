"""What admins ask of the gateway, and what they do with a transmission."""
