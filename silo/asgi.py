"""What a web server loads: `granian --interface asginl silo.asgi:application`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "silo.settings")

django = get_wsgi_application()

from nurturing.views.door import Door  # noqa: E402 - the apps are there only now
from silo.pages import Pages  # noqa: E402

application = Door(Pages(django))
