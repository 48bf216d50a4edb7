"""Sessions in the database, as Django keeps them; read by one plain statement, because every page asks for one."""

from typing import Any

from django.contrib.sessions.backends import db
from django.db import connection
from django.utils import timezone


class SessionStore(db.SessionStore):
    """Django's own. Building the same question anew costs more than its answer."""

    def load(self) -> dict[str, Any]:
        with connection.cursor() as cursor:
            cursor.execute(_SESSION, [self.session_key, timezone.now()])
            found = cursor.fetchone()
        if found is None:
            self._session_key = None  # a key that a browser made up is never taken over
            return {}
        return dict(self.decode(found[0]))


_SESSION = "SELECT session_data FROM django_session WHERE session_key = %s AND expire_date > %s"
