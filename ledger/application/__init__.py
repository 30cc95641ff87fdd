"""One command in, one receipt or refusal out; and the history of a case at any moment."""
