"""Server names that people type in must not lead into our own network.

The name is resolved once, every address it has is looked at, and the connection is made to one of exactly these: a
name that points elsewhere a moment later (DNS rebinding) reaches nothing. An admin may allow an address inside.
"""

import http.client
import ipaddress
import json
import socket
import ssl
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

ANSWER_BYTES = 100_000


class Inside(Exception):
    """The name leads into our own network, and nobody allowed that."""


class Unresolvable(Exception):
    """No server has this name."""


def is_outside(address: str) -> bool:
    """A public address: not loopback, private, link-local (the cloud's metadata), shared, reserved or multicast."""
    found = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(found, "ipv4_mapped", None) or getattr(found, "sixtofour", None)
    if isinstance(found, ipaddress.IPv6Address) and found in ipaddress.ip_network("64:ff9b::/96"):
        mapped = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
    if mapped is not None:
        return is_outside(str(mapped))
    return found.is_global and not found.is_multicast and not found.is_reserved


def resolve(host: str, port: int, *, inside_allowed: bool = False) -> list[str]:
    """The addresses of a server, all of them fit to be spoken to. Raises Inside, Unresolvable."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unresolvable(host) from error
    addresses = list(dict.fromkeys(str(one[4][0]) for one in found))
    if not addresses:
        raise Unresolvable(host)
    # One address inside is enough: who can add it to the name can take the others away.
    if not inside_allowed and not all(map(is_outside, addresses)):
        raise Inside(host)
    return addresses


def connect(host: str, port: int, *, timeout: float, inside_allowed: bool = False) -> socket.socket:
    """A connection to one of the addresses that were looked at. Raises Inside, Unresolvable, OSError."""
    failure: OSError | None = None
    for address in resolve(host, port, inside_allowed=inside_allowed):
        try:
            return socket.create_connection((address, port), timeout)
        except OSError as error:
            failure = error
    raise failure or OSError(f"{host} does not answer.")


def post_form(
    url: str, form: Mapping[str, str], *, timeout: float, inside_allowed: bool = False
) -> tuple[int, dict[str, Any]]:
    """POST to an https address and read the JSON it answers. Redirects are not followed.

    Raises Inside, Unresolvable, OSError, http.client.HTTPException.
    """
    parts = urlsplit(url)
    port = parts.port or 443
    connection = http.client.HTTPSConnection(str(parts.hostname), port, timeout=timeout)
    plain = connect(str(parts.hostname), port, timeout=timeout, inside_allowed=inside_allowed)
    try:
        connection.sock = ssl.create_default_context().wrap_socket(plain, server_hostname=parts.hostname)
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        connection.request("POST", parts.path or "/", urlencode(form), headers)
        answer = connection.getresponse()
        text = answer.read(ANSWER_BYTES)
    finally:
        connection.close()
        plain.close()
    try:
        said = json.loads(text)
    except ValueError:
        said = {}
    return answer.status, said if isinstance(said, dict) else {}
