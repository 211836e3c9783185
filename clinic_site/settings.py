"""Settings. Every value that differs between machines comes from the environment or from `.env`.

The variables are listed in README.md. A value that cannot be understood raises ImproperlyConfigured, which
`manage.py` and `gunicorn.conf.py` print as one line.
"""

import re
from datetime import timedelta
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import environ
from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import validate_email
from pyrage import IdentityError
from pyrage.x25519 import Identity

from clinic_site import environment
from clinic_site.environment import bind, folder, hosts, is_ipv6, networks, text
from clinic_site.media_store import media_store

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
environment.load(BASE_DIR)


def boolean(name: str, default: bool) -> bool:
    # Env.bool takes a misspelt value for false.
    words = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
    word = text(name, str(default)).lower()
    if word not in words:
        raise ImproperlyConfigured(f"{name} must be true or false.")
    return words[word]


def number(name: str, default: int, maximum: int, minimum: int = 1) -> int:
    digits = text(name, str(default))
    if not (digits.isascii() and digits.isdecimal()) or len(digits) > 6 or not minimum <= int(digits) <= maximum:
        raise ImproperlyConfigured(f"{name} must be a number from {minimum} to {maximum}.")
    return int(digits)


def site_url(name: str, default: str) -> str:
    """Return the address as a browser names it: in lower case, without the port that its scheme has anyway."""
    address = text(name, default).lower().rstrip("/")
    found = re.fullmatch(r"(https?)://(\[[0-9a-f:.]+\]|[a-z0-9.-]*[a-z0-9])(?::([0-9]{1,5}))?", address)
    scheme, host, digits = found.groups() if found else ("", "", None)
    usual = {"http": 80, "https": 443, "": 0}[scheme]
    port = usual if digits is None else int(digits)
    if not 1 <= port <= 65535 or (host.startswith("[") and not is_ipv6(host[1:-1])):
        raise ImproperlyConfigured(f"{name} must be a scheme and a host, such as https://www.example.com.")
    return f"{scheme}://{host}" if port == usual else f"{scheme}://{host}:{port}"


def postgresql(name: str) -> dict[str, Any] | None:
    """Return the database at this address, or None where the variable is empty.

    No error message repeats the address: it holds a password.
    """
    address = text(name)
    if not address:
        return None
    switches = {"CONN_HEALTH_CHECKS", "DISABLE_SERVER_SIDE_CURSORS"}
    known = {"ENGINE", "NAME", "USER", "PASSWORD", "HOST", "PORT", "OPTIONS", "CONN_MAX_AGE"} | switches
    words = {"1": True, "true": True, "0": False, "false": False}
    try:
        is_known = re.match("postgres(ql)?://", address)
        config: dict[str, Any] = env.db_url_config(address) if is_known else {"NAME": ""}
        config |= {name: words[str(config[name]).lower()] for name in switches & config.keys()}
        age = config.get("CONN_MAX_AGE")
        is_valid = config["NAME"] and re.fullmatch(r"[\w.,:/-]*", config["HOST"]) and config.keys() <= known
        is_valid = is_valid and (age is None or (isinstance(age, int) and age >= 0))
    except (ValueError, KeyError):
        is_valid = False
    if not is_valid:
        raise ImproperlyConfigured(
            f"{name} must be an address such as postgres://user:password@host/name. "
            "In a password write %2F for /, %23 for #, %3F for ?, %5B for [, %5D for ] and %25 for %."
        ) from None
    try:
        import psycopg
    except ImportError:
        raise ImproperlyConfigured(f"{name} needs psycopg: pip install -r requirements/postgres.txt") from None
    # After waiting for a lock a transaction must see what others committed, whatever the server's default is.
    options: dict[str, Any] = {"isolation_level": psycopg.IsolationLevel.READ_COMMITTED, "connect_timeout": 5}
    options |= {"tcp_user_timeout": 10_000}  # a network that is gone fails in 10 seconds,
    options |= {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 2}  # also while an answer is due
    options |= config.get("OPTIONS", {})
    # A pooler hands out another session for each transaction: a cursor on the server would stay behind in the first.
    usual = {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True, "DISABLE_SERVER_SIDE_CURSORS": True}
    return usual | config | {"OPTIONS": options}


def age_key(name: str) -> str:
    """Return a secret key of age, or an empty text where there is none."""
    key = text(name)
    try:
        if key:
            Identity.from_str(key)
    except IdentityError:
        raise ImproperlyConfigured(f"{name} must be a key as `python manage.py backup --new-key` prints it.") from None
    return key


def email(name: str) -> dict[str, Any]:
    """Return Django's settings for the server at this address, none where the variable is empty.

    No error message repeats the address: it holds a password.
    """
    url = text(name)
    if not url:
        return {}
    try:
        config: dict[str, Any] = env.email_url_config(url)
        options = config.pop("OPTIONS", {})
        is_smtp = config["EMAIL_BACKEND"].endswith(".smtp.EmailBackend")
        is_valid = not options and (config["EMAIL_HOST"] or not is_smtp)
    except (ValueError, ImproperlyConfigured):
        is_valid = False
    if not is_valid:
        raise ImproperlyConfigured(f"{name} must be an address such as smtp+tls://user:password@host:587.") from None
    ports = {"EMAIL_USE_TLS": 587, "EMAIL_USE_SSL": 465}
    default = next((port for option, port in ports.items() if config.get(option)), 25)
    return config | {"EMAIL_PORT": config["EMAIL_PORT"] or default}


def sender(name: str, default: str) -> str:
    named = text(name, default)
    try:
        validate_email(parseaddr(named)[1])
    except ValidationError:
        raise ImproperlyConfigured(f"{name} must be an e-mail address.") from None
    return named


# Debugging, the secret key, addresses

DEBUG = boolean("DEBUG", False)
SECRET_KEY = text("SECRET_KEY")
if len(SECRET_KEY) < 32:
    raise ImproperlyConfigured(
        "SECRET_KEY must be set to at least 32 random characters. `make run` writes it to .env; without make: "
        """python3 -c 'import secrets; print("SECRET_KEY=" + secrets.token_urlsafe(50))' >>.env"""
    )

BIND = bind("BIND")
PORT = number("PORT", 8000, 65535)
WORKERS = number("WEB_CONCURRENCY", 2, 64)
PROXIES = networks("FORWARDED_ALLOW_IPS")  # whose word on https counts
THREADS = 100  # of each process; most wait for clients
# How many threads of each process run Django, each with a connection to the database, and how many requests may wait
# for one, by what for. Together they leave some of the THREADS to cached pages.
PLACES = {"visitors": (4, 36), "staff": (8, 20), "uploads": (1, 8), "logins": (1, 8), "pictures": (4, 6)}
SITE_URL = site_url("SITE_URL", f"http://localhost:{PORT}")
PROXY_HOPS = number("PROXY_HOPS", 0, 10, minimum=0)  # how many proxies of ours write X-Forwarded-For
LOCAL_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
ALLOWED_HOSTS = [*LOCAL_HOSTS, *hosts("ALLOWED_HOSTS")]
if (site_host := urlsplit(SITE_URL).hostname) and site_host not in ALLOWED_HOSTS:
    ALLOWED_HOSTS.append(f"[{site_host}]" if ":" in site_host else site_host)

ROOT_URLCONF = "clinic_site.urls"
WSGI_APPLICATION = "clinic_site.wsgi.application"

INSTALLED_APPS = [
    "clinic_site.apps.ClinicSiteConfig",
    "clinic_site.apps.ClinicAdminConfig",
    "accounts.apps.AccountsConfig",
    "accounts.apps.PeopleConfig",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sites",
    "django.contrib.redirects",
    "django.contrib.sitemaps",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "axes",
    "csp",
    "django_otp",
    "django_otp.plugins.otp_static",
    "django_otp.plugins.otp_totp",
    "phonenumber_field",
    "django_prose_editor",
    "pagecache",
    "addresses",
    "publishing",
    "pictures",
    "services",
    "testimonials",
    "pages",
    "backups",
]

MIDDLEWARE = [
    "clinic_site.middleware.no_body_for_head",
    "clinic_site.health.answer_health",
    "django.middleware.security.SecurityMiddleware",
    "clinic_site.middleware.security_headers",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "clinic_site.middleware.answer_refused",
    "clinic_site.middleware.no_null_characters",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "addresses.not_found.count_not_found",
    "django.middleware.common.CommonMiddleware",
    "clinic_site.stylesheet.inline_stylesheet",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "pagecache.middleware.refuse_during_outage",
    "clinic_site.middleware.few_fields_of_strangers",
    "publishing.revisions.middleware.release_on_time",
    "addresses.redirects.follow_redirects",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "pages.context.chrome",
            ],
            "libraries": {"error_summary": "publishing.staff.error_summary"},
        },
    }
]

FORM_RENDERER = "publishing.staff.error_summary.Renderer"

# Data, and the folders of backups

DATA_DIR = folder("DATA_DIR", "data", BASE_DIR)
if DATA_DIR.resolve().parent == DATA_DIR.resolve():
    raise ImproperlyConfigured("DATA_DIR must be a folder of the site's own.")
SQLITE = {
    "ENGINE": "django.db.backends.sqlite3",
    "NAME": DATA_DIR / "site.sqlite3",
    "OPTIONS": {
        # Writers lock at BEGIN: two that began as readers would fail instead of waiting.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    },
}
DATABASES = {"default": postgresql("DATABASE_URL") or SQLITE}
MEDIA_ROOT = DATA_DIR / "media"
MEDIA_URL = "/media/"
BACKUP_DIR = folder("BACKUP_DIR", f"{DATA_DIR}-backups", BASE_DIR)
if BACKUP_DIR.resolve().is_relative_to(DATA_DIR.resolve()):
    raise ImproperlyConfigured("BACKUP_DIR must not be inside DATA_DIR: they would be lost together.")
BACKUP_COPY_DIR = folder("BACKUP_COPY_DIR", "", BASE_DIR) if text("BACKUP_COPY_DIR") else None
BACKUP_KEY = age_key("BACKUP_KEY")
FILE_UPLOAD_HANDLERS = ["pictures.uploads.BoundedUploadHandler"]
PICTURE_MEMORY_MB = number("PICTURE_MEMORY_MB", 400, 4096)
PICTURE_SECONDS = number("PICTURE_SECONDS", 20, 600)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SITE_ID = 1

# Static files: sources in static/, collected into BUILD_DIR with hashed names

STATIC_URL = "/static/"
STATIC_ROOT = folder("BUILD_DIR", "build", BASE_DIR) / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
# Of who is logged in: a service with MOST_ROWS (publishing/staff/forms.py) rows of each of its parts.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 100_000
DATA_UPLOAD_MAX_MEMORY_SIZE = 10_000_000  # bytes of a form without its files
MAX_BODY = 30_000_000  # bytes of a form with its files: some more than the largest picture, which gets a message
MAX_BODY_OF_STRANGERS = 100_000  # bytes, of who has no session yet
MAX_FIELDS_OF_STRANGERS = 1_000
WHITENOISE_ALLOW_ALL_ORIGINS = False
WHITENOISE_ROOT = BASE_DIR / "static" / "icons"  # what is asked for at the very top, such as /favicon.ico
STORAGES = {
    "default": media_store(text("MEDIA_STORE")),
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "clinic_site.storage.JoinedStaticFilesStorage"
    },
}

# Language, time, telephone numbers

LANGUAGE_CODE = "en-us"
TIME_ZONE = text("TIME_ZONE", "America/New_York")
try:
    ZoneInfo(TIME_ZONE)
except (ValueError, KeyError, OSError) as error:
    raise ImproperlyConfigured("TIME_ZONE must be a name such as America/New_York.") from error
USE_TZ = True
USE_I18N = False
FORMAT_MODULE_PATH = ["clinic_site.formats"]
PHONENUMBER_DEFAULT_REGION = "US"
PHONENUMBER_DEFAULT_FORMAT = "NATIONAL"
PHONENUMBER_DB_FORMAT = "RFC3966"  # with the extension

# Security

HTTPS = SITE_URL.startswith("https://")
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = boolean("HSTS_SUBDOMAINS", False)
SECURE_HSTS_PRELOAD = boolean("HSTS_PRELOAD", False)
if SECURE_HSTS_PRELOAD and not SECURE_HSTS_INCLUDE_SUBDOMAINS:
    raise ImproperlyConfigured("HSTS_PRELOAD needs HSTS_SUBDOMAINS=true: browsers preload a domain only as a whole.")
# What Django's checks recommend binds other hosts of the domain as well: only who asks for it gets it.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrf"
DEVICE_COOKIE_NAME = "__Secure-device" if HTTPS else "device"  # sent to the staff's pages alone
SESSION_ENGINE = "accounts.sessions"
SESSION_IDLE = timedelta(minutes=number("SESSION_IDLE_MINUTES", 120, 10_000))
SESSION_LONGEST = timedelta(hours=number("SESSION_HOURS", 12, 720))
SESSION_COOKIE_AGE = CSRF_COOKIE_AGE = int(SESSION_LONGEST.total_seconds())
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
CSRF_COOKIE_HTTPONLY = True
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],  # no page connects anywhere, but auditors read robots.txt from within one
        "base-uri": [NONE],
        "form-action": [NONE],
        "frame-ancestors": [NONE],
    }
}
# What the staff's pages need besides: scripts and forms of our own, and a nonce for the editor's import map.
ADMIN_CONTENT_SECURITY_POLICY = {
    **CONTENT_SECURITY_POLICY["DIRECTIVES"],
    "script-src": [SELF, NONCE],
    "style-src": [SELF, NONCE],
    "form-action": [SELF],
}
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

# Sign-in: how many guesses are compared is in accounts/guesses.py

AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AXES_HANDLER = "accounts.guesses.Handler"
AXES_CLIENT_IP_CALLABLE = "accounts.address.client_address"
AXES_USERNAME_FORM_FIELD = "username"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = "accounts.guesses.failure_limit"
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_RESET_ON_SUCCESS = True
AXES_DISABLE_ACCESS_LOG = True
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "csrfmiddlewaretoken", "code", "next"]
AXES_ENABLE_ADMIN = AXES_VERBOSE = False
# Its middleware would answer who is locked out in other words than who typed a wrong password.
SILENCED_SYSTEM_CHECKS += ["axes.W002"]
REQUIRE_SIGN_IN_CODES = boolean("REQUIRE_SIGN_IN_CODES", False)
OTP_TOTP_ISSUER = site_host
PASSWORD_RESET_TIMEOUT = 60 * 60  # seconds, of a link in an e-mail; invitations have a time of their own

# E-mail: without it, links to set a password are only shown to managers

email_server = email("EMAIL_URL")
HAS_EMAIL = bool(email_server)
vars().update(email_server)
EMAIL_TIMEOUT = 10
own_domain = site_host if site_host and re.search(r"\.[a-z]", site_host) else "localhost.localdomain"
DEFAULT_FROM_EMAIL = sender("DEFAULT_FROM_EMAIL", f"no-reply@{own_domain}")

# Addresses that visitors asked for and did not find, counted by the day without anything about them

NOT_FOUND_COUNTS = boolean("NOT_FOUND_COUNTS", True)

# The log is standard error, by the root's handler alone, in the form of gunicorn's own lines. Addresses that were not
# found are not in it: what was typed there may be personal.

LOG_JSON = boolean("LOG_JSON", False)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "format": "[{asctime}] [{process}] [{levelname}] {name}: {message}",
            "datefmt": "%Y-%m-%d %H:%M:%S %z",
            "style": "{",
        },
        "json": {"()": "clinic_site.logs.JsonLine"},
    },
    "filters": {"bounded": {"()": "clinic_site.logs.Bounded"}},
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "json" if LOG_JSON else "line",
            "filters": ["bounded"],
        }
    },
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "django": {"level": "WARNING"},
        "axes": {"level": "CRITICAL"},  # the line of accounts/guesses.py says all that may be said
        "django.request": {"level": "ERROR"},
        "django.security.DisallowedHost": {"level": "CRITICAL"},
        "django.server": {"level": "INFO", "propagate": True},  # requests of `make dev`; Django gives it a handler
    },
}
