"""Bringing files into a book: each reads a format, and gives commands to the application."""
