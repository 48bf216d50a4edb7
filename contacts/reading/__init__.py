"""Reading a file of people: pure functions from bytes to verdicts. No models, no database, no clock.

kinds → decoding → dialect → records → table → columns → person (by values) → verdict; `reasons` holds the sentences.
"""
