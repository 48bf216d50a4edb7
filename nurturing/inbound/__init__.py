"""What comes back to us, read as plain text and headers: no Django, no database, no clock."""
