"""Reading a file of people: pure functions from bytes to verdicts. No models, no database, no clock.

decoding → dialect → table → columns → person (by values) → verdict; `reasons` holds the sentences.
"""
