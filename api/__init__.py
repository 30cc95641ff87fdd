"""The ledger over HTTP: one module for each resource. Routes parse, call, and render."""
