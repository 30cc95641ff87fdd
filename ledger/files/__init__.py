"""File formats that the ledger reads or writes, one module for each."""
