"""Errors to Sentry, without people: no request bodies, no local variables, no addresses, no links that open something."""

import re
from typing import Any

ADDRESS = re.compile(r"[^\s@<>\"']+@[^\s@<>\"']+")

# Whoever has such a link may do what it says: stop or erase somebody, see their data, become a colleague.
LINK = re.compile(r"(/(?:[ctu]|confirm|invitation|account/password/reset/key)/)[^\s\"'<>?#]{8,}")


def report_errors(dsn: str, *, environment: str) -> None:
    """Start sentry-sdk in this process. What it sends holds the traceback's lines, not what stood in them."""
    import sentry_sdk

    sentry_sdk.init(
        dsn=dsn,
        environment=environment,
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        traces_sample_rate=0.0,
        before_send=without_people,
    )


def without_people(event: Any, _hint: Any = None) -> Any:
    """The event with every e-mail address, token of a link, query and cookie taken out."""
    request = event.get("request")
    if isinstance(request, dict):
        for name in ("data", "cookies", "query_string", "env"):
            request.pop(name, None)
    event.pop("user", None)
    return _masked(event)


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return LINK.sub(r"\1(token)", ADDRESS.sub("(address)", value))
    if isinstance(value, dict):
        return {key: _masked(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_masked(inner) for inner in value]
    return value
