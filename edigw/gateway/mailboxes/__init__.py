"""What partners see and do on the gateway's SFTP server: mailboxes, sessions, receipts, bans."""
