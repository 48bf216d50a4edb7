"""What a web server loads: `granian --interface wsgi silo.wsgi:application`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "silo.settings")

application = get_wsgi_application()
