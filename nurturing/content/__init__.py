"""How a mail is written, compiled once, and filled in per person. Plain values in, plain values out: no
database, no clock.
"""
