"""The settings of the silo: one file, from the environment, loud on a bad value.

`SILO_ENV` is `development` (default) or `production`. Production refuses to start with a key that everybody knows, with
DEBUG on, or without the address under which the world reaches it. Every value may also come from a file (`NAME_FILE`).
"""

from pathlib import Path
from typing import Any

import django_stubs_ext
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from silo import environment, logs, watching
from silo.embedded import keyring, place

# Lets forms and views say of what they are, `ModelForm[Contact]`: Django itself cannot yet.
django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent

# --- Which silo is this ---------------------------------------------------------------------------------------------

SILO_ENV = environment.choice("SILO_ENV", default="development", among=("development", "production"))
PRODUCTION = SILO_ENV == "production"
DEBUG = environment.flag("DEBUG", default=False)
# The demo silo: its people are fictional, its logins are public, and it can never send a real mail.
SILO_DEMO = environment.flag("SILO_DEMO", default=False)
PUBLIC_URL = environment.base_address("PUBLIC_URL", default="" if PRODUCTION else "http://127.0.0.1:8000")

if PRODUCTION and DEBUG:
    raise ImproperlyConfigured("DEBUG is on in production: remove DEBUG, or set SILO_ENV=development.")
if PRODUCTION and SILO_DEMO:
    raise ImproperlyConfigured("SILO_DEMO is on in production: its logins are public. Remove SILO_DEMO.")
if PRODUCTION and not PUBLIC_URL:
    raise ImproperlyConfigured(
        "PUBLIC_URL is missing: production needs the address that stands in every mail, https://silo.example."
    )
if PRODUCTION and not PUBLIC_URL.startswith("https://"):
    raise ImproperlyConfigured(
        f"PUBLIC_URL={PUBLIC_URL} is not safe: production needs an address that starts with https://."
    )

# --- Keys -----------------------------------------------------------------------------------------------------------
# Apart from SECRET_KEY on purpose: sessions may be ended by a new SECRET_KEY, an old stop link must work for ever.
# Each ring is a comma-separated list; the first key signs, all of them are accepted.

KEY_RINGS: dict[str, list[str]] = {
    "links": environment.words("LINK_KEYS"),
    "suppression": environment.words("SUPPRESSION_KEYS"),
    "secrets": environment.words("STORED_SECRET_KEYS"),
}
SECRET_KEY = environment.text("SECRET_KEY")
if PRODUCTION:
    for name, keys in (
        ("SECRET_KEY", [SECRET_KEY]),
        ("LINK_KEYS", KEY_RINGS["links"]),
        ("SUPPRESSION_KEYS", KEY_RINGS["suppression"]),
        ("STORED_SECRET_KEYS", KEY_RINGS["secrets"]),
    ):
        environment.demand_secret(name, keys)
else:
    _made = keyring.kept(place.VAR / "keys.json")
    SECRET_KEY = SECRET_KEY or _made["secret_key"][0]
    KEY_RINGS = {ring: keys or _made[ring] for ring, keys in KEY_RINGS.items()}

# --- Database and broker: PostgreSQL and a Redis-protocol server, always ----------------------------------------------
# With no DATABASE_URL, manage.py starts or joins the embedded servers under var/ and sets both addresses.

if PRODUCTION and not environment.text("DATABASE_URL"):
    raise ImproperlyConfigured(
        "DATABASE_URL is missing: production needs postgres://user:password@host:5432/name."
    )
if environment.text("DATABASE_URL") and not environment.text("REDIS_URL"):
    raise ImproperlyConfigured(
        "REDIS_URL is missing: beside DATABASE_URL the silo needs a broker, redis://host:6379/0."
    )

if environment.text("DATABASE_URL"):
    DATABASES: dict[str, Any] = {"default": environment.database("DATABASE_URL")}
    REDIS_URL = environment.broker("REDIS_URL")
else:
    DATABASES = {"default": place.database()}
    REDIS_URL = place.broker_url()
DATABASES["default"] |= {
    "CONN_MAX_AGE": environment.number("CONN_MAX_AGE", default=60, least=0, most=3600),
    "CONN_HEALTH_CHECKS": True,
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    "default": {
        "BACKEND": "silo.cache.ForgetfulCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 2},
        "KEY_PREFIX": "silo",
    }
}

# --- Apps -----------------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "silo",
    "sales",
    "nurturing",
    "contacts",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "anymail",
    "csp",
    "template_partials",
    "whitenoise.runserver_nostatic",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "django.forms",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "silo.uploads.UploadLimitMiddleware",
    "silo.reader.ReaderMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "silo.disk.FullDiskMiddleware",
]
ROOT_URLCONF = "silo.urls"
ASGI_APPLICATION = "silo.asgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "silo.context.face",
            ],
            "builtins": ["django.templatetags.i18n", "django.templatetags.static"],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# --- Who may come in ------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "silo.User"
AUTHENTICATION_BACKENDS = ["silo.accounts.Backend"]
SESSION_ENGINE = "silo.sessions"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "silo.accounts.NotTheDemoPassword"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "silo.accounts.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = (
    "none"  # Nobody signs up by themselves; an invitation reached the address already.
)
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_PRESERVE_USERNAME_CASING = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGIN_TIMEOUT = 900
ACCOUNT_RATE_LIMITS = {"login": "60/m/ip", "login_failed": "20/m/ip,6/300s/key"}
MFA_ADAPTER = "silo.accounts.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Sales Silo"

# --- Words, time and place ------------------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("sv", _("Swedish")), ("nb", _("Norwegian"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Europe/Stockholm"

# --- Static files ---------------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
# On a laptop the files are served from where they lie; production collects them, with a hash in each name.
STATIC_ROOT = Path(environment.text("STATIC_ROOT", str(BASE_DIR / "staticfiles"))) if PRODUCTION else None
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = not PRODUCTION
WHITENOISE_AUTOREFRESH = DEBUG
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
MEDIA_ROOT = Path(environment.text("MEDIA_ROOT", str(place.VAR / "media")))

# Who was erased, outside the database, so that a restored backup erases them again (docs/adr/0009). It must outlive the
# database and lie where every worker sees it.
ERASURE_LEDGER = Path(
    environment.text(
        "ERASURE_LEDGER",
        str(
            MEDIA_ROOT / "erasures.jsonl"
            if PRODUCTION
            else place.VAR / ("erasures-demo.jsonl" if SILO_DEMO else "erasures.jsonl")
        ),
    )
)

# --- Uploads: refused before they are read ---------------------------------------------------------------------------

UPLOAD_LIMIT_BYTES = environment.number("UPLOAD_LIMIT_MB", default=512, least=1, most=2000) * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = (
    30 * 1024 * 1024
)  # A provider posts an inbound mail with its attachments in one body.
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler", "silo.disk.UploadHandler"]

# --- Safety ---------------------------------------------------------------------------------------------------------

_public_host = PUBLIC_URL.split("//")[-1].rsplit(":", 1)[0]
ALLOWED_HOSTS = environment.words(
    "ALLOWED_HOSTS",
    default=[_public_host] if PRODUCTION else [_public_host, "127.0.0.1", "localhost", "[::1]"],
)
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "frame-src": ["'self'"],  # The mail preview: a sandboxed frame of our own.
        "frame-ancestors": ["'self'"],
        "manifest-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "object-src": ["'none'"],
    }
}
X_FRAME_OPTIONS = "SAMEORIGIN"
SILENCED_SYSTEM_CHECKS = [
    "security.W019"
]  # It wants DENY; the frame of the mail preview needs our own pages.
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
if PRODUCTION:
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    SECURE_SSL_REDIRECT = environment.flag("SSL_REDIRECT", default=True)
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = environment.number("HSTS_SECONDS", default=31_536_000, least=0, most=63_072_000)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = environment.flag("HSTS_SUBDOMAINS", default=True)
    SECURE_HSTS_PRELOAD = SECURE_HSTS_INCLUDE_SUBDOMAINS
    SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz|metrics)/?$"]

# --- Mail to colleagues (password reset, invitations). Mail to contacts leaves through a sender row ------------------

EMAIL_CONFIG = environment.mail("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
DEFAULT_FROM_EMAIL = environment.text("DEFAULT_FROM_EMAIL", "Sales Silo <silo@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# Whom to ask about a sender's domain, as in 9.9.9.9 or 127.0.0.1:5353; empty: the name servers of this machine.
DNS_SERVERS = environment.words("DNS_SERVERS")

# --- What providers post to us: a provider without its secret here has no address, an empty key never checks anything --

ANYMAIL = {
    name: value
    for name in (
        "WEBHOOK_SECRET",  # user:password, for all that sign nothing
        *(
            "MAILGUN_WEBHOOK_SIGNING_KEY",
            "MAILGUN_API_KEY",
            "MAILERSEND_SIGNING_SECRET",
            "MAILERSEND_INBOUND_SECRET",
        ),
        *("MAILTRAP_TRACKING_SECRET", "MAILTRAP_INBOUND_SECRET", "MAILTRAP_API_TOKEN"),
        *("MANDRILL_WEBHOOK_KEY", "MANDRILL_WEBHOOK_URL", "POSTAL_WEBHOOK_KEY", "UNISENDER_GO_API_KEY"),
        *("RESEND_SIGNING_SECRET", "RESEND_INBOUND_SECRET", "RESEND_API_KEY"),
        "SENDGRID_TRACKING_WEBHOOK_VERIFICATION_KEY",
    )
    if (value := environment.text(name))
}
# How many proxies of ours stand in front: only their X-Forwarded-For is believed. Uncounted, all visitors are one network: no click
# counts as a person's, and one visitor uses up what all may do.
if PRODUCTION and not environment.text("TRUSTED_PROXIES"):
    raise ImproperlyConfigured(
        "TRUSTED_PROXIES is missing: production needs the number of proxies in front of it, 1 for one that ends TLS. "
        "Without it all visitors would have the proxy's address."
    )
TRUSTED_PROXIES = environment.number("TRUSTED_PROXIES", default=0, least=0, most=5)

# How many mails a worker takes at a time, and how long they are its own: past that, another may have them.
SEND_BATCH = environment.number("SEND_BATCH", default=500, least=1, most=5000)
SEND_LEASE_SECONDS = environment.number("SEND_LEASE_SECONDS", default=300, least=1, most=3600)
# Off: a receiving server that refuses or puts off too many mails is written to all the same.
SEND_BREAKER = environment.flag("SEND_BREAKER", default=True)

# Off for longer than this, the silo asks a person before it sends what is late.
SILO_GAP_HOURS = environment.number("SILO_GAP_HOURS", default=24, least=1, most=8760)

# --- How this company sells -----------------------------------------------------------------------------------------

# Off: no link in any mail is tracked. Replies, forms and calls still count.
SILO_TRACKING = environment.flag("SILO_TRACKING", default=True)
SILO_CALLS_A_DAY = environment.number("SILO_CALLS_A_DAY", default=16, least=1, most=500)
SILO_CLAIM_MINUTES = environment.number("SILO_CLAIM_MINUTES", default=30, least=1, most=1440)
SILO_NO_ANSWER_TRIES = environment.number("SILO_NO_ANSWER_TRIES", default=3, least=1, most=20)
SILO_ONBOARDING_SEQUENCE = environment.text("SILO_ONBOARDING_SEQUENCE", "Onboarding")

# --- Work in the background: the broker carries hints, the truth about what is due is in PostgreSQL -------------------

CELERY_BROKER_URL = environment.broker_for_celery(REDIS_URL)
CELERY_TASK_IGNORE_RESULT = True
CELERY_RESULT_BACKEND = None
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = "UTC"
CELERY_ENABLE_UTC = True
CELERY_TASK_ACKS_LATE = True  # A task may run twice: every one of ours claims its rows in PostgreSQL first.
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600, "socket_connect_timeout": 2}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # for ever: a broker may be away for days
CELERY_TASK_DEFAULT_QUEUE = "silo"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False

# --- Watching it ------------------------------------------------------------------------------------------------------

# Prometheus reads /metrics with this as a bearer token; without it there is no such page.
METRICS_TOKEN = environment.text("METRICS_TOKEN")
# Errors of web and workers go to Sentry (or anything that speaks its language) when this is set; never people's data.
SENTRY_DSN = environment.text("SENTRY_DSN")
if SENTRY_DSN:
    watching.report_errors(SENTRY_DSN, environment=SILO_ENV)

# --- Logs -----------------------------------------------------------------------------------------------------------

LOGGING = logs.configuration(json=PRODUCTION, level=environment.text("LOG_LEVEL", "INFO").upper())
