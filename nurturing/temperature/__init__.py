"""Temperature as plain arithmetic: no Django, no database, no clock.

`evidence` says how likely a person stands behind a hit, `points` says what an event is worth, `curve`
adds points that fade.
"""
