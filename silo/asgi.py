"""What a web server loads: `granian --interface asginl silo.asgi:application`."""

import os
import signal
from typing import Any

from django.core.wsgi import get_wsgi_application


def _listen_to_signals() -> None:
    """granian forks us with its own handlers in place, and here they change nothing but a copy of it: told to end while Django is
    loaded, we would go on to serve, and granian would wait for us for ever. Until the loop brings handlers of its own, we just end.
    """
    server: Any = getattr(signal.getsignal(signal.SIGTERM), "__self__", None)
    if not type(server).__module__.startswith("granian."):
        return
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    if server.interrupt_signal:
        raise SystemExit("Told to end before the start.")


_listen_to_signals()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "silo.settings")

django = get_wsgi_application()

from nurturing.views.door import Door  # noqa: E402 - the apps are there only now
from silo.pages import Pages  # noqa: E402

application = Door(Pages(django))
