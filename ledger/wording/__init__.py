"""The texts that people read, in Norwegian (nb) and English (en), and nothing else.

One place for all wording, so that the API, the pages and the command line say the same.
"""
