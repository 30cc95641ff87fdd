"""What can happen to a case, what may be done with it, and why not.

Pure functions of facts, rules and dates. No database, clock, framework, environment
or logging may be imported here.
"""
