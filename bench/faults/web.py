"""What the harness lets the web server load: the product's own application, with a clock that can be moved."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "silo.settings")

from bench.faults import points
from silo.asgi import application

__all__ = ["application"]

points.arm()
