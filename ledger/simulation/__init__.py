"""A made-up book that lived through ordinary commands and ticks.

Patients, terminals, clinics and agents: nothing here writes an event. Whatever happens was asked
for, and decided like anybody else's wish.
"""
