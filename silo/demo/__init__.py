"""The demo silo: fictional people, and a year lived through with the real services under a virtual clock."""
