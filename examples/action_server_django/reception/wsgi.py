"""The door for servers such as gunicorn: `gunicorn reception.wsgi`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reception.settings")
application = get_wsgi_application()
