"""The ``caseledger`` command."""
