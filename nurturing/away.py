"""Is it the database that is away, and not the question that was wrong?"""

from django.db import DatabaseError, InterfaceError, OperationalError


def is_away(error: Exception) -> bool:
    """True for a restart, a full disk, a broken line, a deadlock: the same question may be answered in a moment.

    psycopg2 tells some broken lines ("server closed the connection unexpectedly") by nothing but the base class.
    """
    return isinstance(error, InterfaceError | OperationalError) or type(error) is DatabaseError
