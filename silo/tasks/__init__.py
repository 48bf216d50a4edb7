"""Work in the background that belongs to no single room."""
