"""Django's pages alone, for a server that speaks WSGI; `silo.asgi` is what the product is served by."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "silo.settings")

application = get_wsgi_application()
