"""A `requests` session that speaks only to servers outside our own network, at the address that was looked at.

django-anymail opens the session; here its sockets are made by `contacts.network`, so that neither another spelling of
127.0.0.1, nor a name that points elsewhere a moment later, nor a redirect leads inside.
"""

import socket
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.utils import select_proxy
from urllib3 import PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from contacts import network


def guard(session: requests.Session, *, inside_allowed: bool, timeout: float) -> None:
    """From now on the session connects through us, and follows no redirect: a provider's API has none, and a key must
    not be handed on.
    """
    for scheme in ("https://", "http://"):
        session.mount(scheme, _Adapter(inside_allowed=inside_allowed, connect_timeout=timeout))
    session.max_redirects = 0


class _Adapter(HTTPAdapter):
    def __init__(self, *, inside_allowed: bool, connect_timeout: float) -> None:
        self._pools = _pools(inside_allowed, connect_timeout)
        self._inside_allowed = inside_allowed
        super().__init__()

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        super().init_poolmanager(*arguments, **options)
        manager: PoolManager = self.poolmanager
        manager.pool_classes_by_scheme = self._pools

    def send(self, request: Any, *arguments: Any, **options: Any) -> Any:
        """Raises network.Inside and network.Unresolvable beside what `requests` raises."""
        if select_proxy(request.url, options.get("proxies") or {}):
            # The company's proxy makes the connection, by its own idea of names: ours is asked before.
            host = str(urlsplit(request.url).hostname)
            try:
                network.resolve(host, 443, inside_allowed=self._inside_allowed)
            except network.Unresolvable:
                """Behind a proxy, names from outside may be unknown to us."""
        return super().send(request, *arguments, **options)


def _pools(inside_allowed: bool, timeout: float) -> dict[str, type[Any]]:
    def connected(connection: HTTPConnection) -> socket.socket:
        try:
            made = network.connect(
                connection.host, connection.port or 443, timeout=timeout, inside_allowed=inside_allowed
            )
        except TimeoutError as error:
            raise ConnectTimeoutError(connection, f"{connection.host} does not answer.") from error
        except OSError as error:
            raise NewConnectionError(connection, f"Failed to establish a new connection: {error}") from error
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return made

    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return connected(self)

    class Tls(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return connected(self)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class TlsPool(HTTPSConnectionPool):
        ConnectionCls = Tls

    return {"http": PlainPool, "https": TlsPool}
