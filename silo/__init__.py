"""The project: settings, addresses, the clock's schedule, logins, and the pages that show all three apps."""
