"""The promise "never twice, never lost", tried: real processes, killed at random instants, between servers that lie.

`python -m bench.faults --rounds N --seed S`, or `make faults ROUNDS=N SEED=S`. What is done, and how often: docs/faults.md.
"""
