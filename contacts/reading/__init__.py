"""Reading a file of people: pure functions from bytes to verdicts. No models, no database, no clock."""
