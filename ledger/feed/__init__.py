"""The log for others: by position, in an envelope that other systems know, pulled or pushed."""
