"""What the harness lets the web server load: the product's own application, with a clock that can be moved."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "silo.settings")

from silo.wsgi import application  # noqa: E402 - the settings first

from bench.faults import points  # noqa: E402 - Django is set up by now

__all__ = ["application"]

points.arm()
