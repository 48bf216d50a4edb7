"""The real PostgreSQL and Valkey of a laptop, kept under `var/`.

Production sets DATABASE_URL and REDIS_URL, and uses none of this.
"""
