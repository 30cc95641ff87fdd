"""Taking files out of a book: each reads the log, at one position, and writes a format."""
