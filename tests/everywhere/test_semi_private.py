"""Undocumented parts of Django and of other libraries that the site uses: a test fails first when one changes.

Each docstring names the files that use the part, and `docs/architecture.md` lists the same files.
"""

import copy
import re
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path
from time import time
from types import FunctionType

import gunicorn
import pytest
from axes.handlers.database import AxesDatabaseHandler
from axes.models import AccessAttempt
from django import forms
from django.apps import apps
from django.apps.registry import Apps
from django.conf import settings as project_settings
from django.contrib import admin, messages
from django.contrib.admin.helpers import InlineAdminFormSet
from django.contrib.admin.models import ADDITION, CHANGE, DELETION, LogEntry
from django.contrib.admin.options import InlineModelAdmin
from django.contrib.admin.templatetags.admin_urls import add_preserved_filters
from django.contrib.admin.utils import quote, unquote
from django.contrib.admin.views.main import ORDER_VAR
from django.contrib.admin.widgets import AdminSplitDateTime, BaseAdminDateWidget, BaseAdminTimeWidget
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY, authenticate
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.forms import PasswordResetForm
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import AnonymousUser, Group, Permission, User
from django.contrib.auth.tokens import default_token_generator
from django.contrib.auth.views import INTERNAL_RESET_SESSION_TOKEN, PasswordResetConfirmView
from django.contrib.contenttypes.models import ContentType
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.redirects.models import Redirect
from django.contrib.sessions.models import Session
from django.contrib.sitemaps import Sitemap
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage, StaticFilesStorage, staticfiles_storage
from django.core import serializers
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.handlers.wsgi import WSGIHandler, get_path_info
from django.core.management import call_command
from django.core.paginator import Paginator
from django.db import OperationalError, ProgrammingError, connection, connections, migrations, models
from django.db.backends.sqlite3.base import DatabaseWrapper
from django.db.migrations.executor import MigrationExecutor
from django.db.models import SlugField, Value
from django.db.models.fields.files import FieldFile
from django.forms.formsets import DELETION_FIELD_NAME
from django.forms.models import BaseInlineFormSet, inlineformset_factory
from django.forms.utils import flatatt
from django.http import HttpResponse, QueryDict
from django.http.request import split_domain_port, validate_host
from django.template import Engine
from django.test import override_settings
from django.urls import path, resolve, reverse
from django.utils import timezone
from django.utils.http import urlsafe_base64_encode
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice
from django_prose_editor.fields import create_sanitizer
from environ import Env
from psycopg.pq import Conninfo, PGconn, PollingStatus
from storages.backends.s3 import S3Storage
from whitenoise.runserver_nostatic.management.commands.runserver import Command as RunserverCommand
from whitenoise.storage import CompressedManifestStaticFilesStorage

from clinic_site.logs import OF_CLIENTS
from pagecache.models import ContentVersion
from services.models import Benefit, Service

ROOT = Path(__file__).parents[2]
FILE = re.compile(r"[\w/*]+\.(?:py|html)")
EXTENDS = re.compile(r"{% extends [\"']([\w/.]+)[\"'] %}")
BLOCK = re.compile(r"{% block ([\w-]+) %}")
ADMIN_TEMPLATES = sorted((ROOT / "templates" / "admin").glob("**/*.html"))


def test_files_that_the_tests_name_are_those_of_the_table_in_the_architecture():
    tests = [value for name, value in globals().items() if name.startswith("test_") and isinstance(value, FunctionType)]
    named = {test.__name__: set(FILE.findall(test.__doc__ or "")) for test in tests[1:]}  # all but this one
    text = (ROOT / "docs" / "architecture.md").read_text()
    rows = text[text.index("## What of Django") :].splitlines()
    listed = [file for row in rows if row.startswith("| `") for file in FILE.findall(row.split("|")[1])]
    assert [name for name, files in named.items() if not files] == []
    assert sorted(listed) == sorted(set().union(*named.values()))
    assert [file for file in listed if not list(ROOT.glob(file))] == []


# What several rooms use


def test_all_fields_of_a_model_its_key_and_its_reverse_relations_are_in_its_meta():
    """Snapshots and rules go through all fields, a picture through all that show it.

    publishing/models.py, publishing/revisions/snapshot.py, publishing/revisions/whole.py, pictures/admin.py
    """
    assert [field.name for field in Group._meta.fields] == ["id", "name"]
    assert [field.name for field in Group._meta.many_to_many] == ["permissions"]
    assert Group._meta.pk.name == "id"
    relations = [relation.get_accessor_name() for relation in ContentType._meta.related_objects]
    assert {"logentry_set", "permission_set"} <= set(relations)


class Asking(admin.ModelAdmin):
    def formfield_for_dbfield(self, db_field, request, **kwargs):
        kwargs["label"] = f"{db_field.name} for {request.user}"
        return super().formfield_for_dbfield(db_field, request, **kwargs)


def test_each_field_of_an_admin_form_comes_from_formfield_for_dbfield(rf):
    """accounts/admin.py, publishing/staff/forms.py and publishing/staff/ordering.py change fields there."""
    request = rf.get("/")
    request.user = AnonymousUser()
    fields = Asking(Session, admin.site).get_form(request).base_fields
    assert {name: field.label for name, field in fields.items()} == {
        name: f"{name} for AnonymousUser" for name in ("session_key", "session_data", "expire_date")
    }
    text = Session._meta.get_field("session_data")
    field = InlineModelAdmin.formfield_for_dbfield(
        Asking(Session, admin.site), text, request, form_class=forms.SlugField
    )
    assert type(field) is forms.SlugField
    assert len(fields["expire_date"].widget.widgets) == 2


@pytest.mark.django_db
def test_rows_of_one_query_are_bounded_by_what_the_connection_says():
    """publishing/apps.py sets how many values SQLite takes in one query."""
    if connection.vendor == "sqlite":
        limit = connection.connection.getlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER)
        assert connection.features.max_query_params == limit > 30_000
    fields = [Session._meta.get_field(name) for name in ("session_key", "session_data", "expire_date")]
    assert connection.ops.bulk_batch_size(fields, range(5000)) >= 5000


def test_attributes_of_a_request_and_of_its_copy_can_be_set(rf):
    """clinic_site/middleware.py cleans a query; publishing/revisions/preview.py makes a visit of a request."""
    request = rf.post("/first/?a=1", {"b": "2"})
    visit = copy.copy(request)
    visit.method, visit.path, visit.path_info, visit.GET = "GET", "/other/", "/other/", QueryDict("a=3")
    visit.POST, visit.META = QueryDict(), {"QUERY_STRING": ""}
    assert (visit.method, visit.path, visit.GET["a"], visit.get_full_path()) == ("GET", "/other/", "3", "/other/")
    assert not visit.POST
    assert (request.method, request.path, request.GET["a"], request.POST["b"]) == ("POST", "/first/", "1", "2")


def test_attributes_of_an_element_are_escaped_and_flat():
    """pictures/templatetags/pictures.py and pages/templatetags/drawings.py render images."""
    assert flatatt({"src": "a?b&c", "width": 3}) == ' src="a?b&amp;c" width="3"'


# The page cache


class Placeholder(Value):
    def as_sql(self, compiler, connection):
        return "%s", (self,)


def test_sql_with_params_gives_the_compiled_query_with_expressions_as_they_are():
    """pagecache/queries.py compiles a query once."""
    placeholder = Placeholder("slug", SlugField())
    sql, parameters = Service.objects.filter(slug=placeholder).query.sql_with_params()
    assert sql.startswith("SELECT ")
    assert "%s" in sql
    assert len(parameters) == 1
    assert isinstance(parameters[0], Placeholder)
    assert parameters[0].value == "slug"
    assert isinstance(parameters[0].output_field, SlugField)


def test_converters_of_a_column_make_of_what_the_driver_returns_what_a_queryset_gives(service):
    """pagecache/queries.py reads rows by them."""
    for name, value in (("id", service.pk), ("updated_at", service.updated_at), ("title", service.title)):
        column = Service._meta.get_field(name).get_col(Service._meta.db_table)
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {name} FROM {Service._meta.db_table}")
            (found,) = cursor.fetchone()
        for convert in connection.ops.get_db_converters(column) + column.get_db_converters(connection):
            found = convert(found, column, connection)
        assert found == value
        assert type(found) is type(value)


def test_value_is_adapted_to_the_database_before_a_cursor_takes_it(service):
    """pagecache/queries.py prepares the values of a query by `get_db_prep_value`."""
    key = Service._meta.pk.get_db_prep_value(service.pk, connection)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT slug FROM {Service._meta.db_table} WHERE id = %s", [key])
        assert cursor.fetchall() == [(service.slug,)]


def test_driver_connection_and_settings_of_a_connection_can_be_reached(db):
    """pagecache/readers.py looks whether Django's own connection sees the version."""
    connection.ensure_connection()
    cursor = connections["default"].connection.cursor()
    cursor.execute(f"SELECT count(*) FROM {ContentVersion._meta.db_table}")
    assert cursor.fetchone() == (1,)
    assert connection.settings_dict["NAME"]
    assert connection.get_connection_params()


def test_introspection_lists_the_tables(db):
    """pagecache/triggers.py expects triggers on the tables that are there."""
    assert ContentVersion._meta.db_table in connection.introspection.table_names()


class Handler(WSGIHandler):
    def get_response(self, request):
        self.request = request
        return HttpResponse("body")


def test_environ_is_the_meta_of_a_request_and_the_response_is_the_answer(rf, db):
    """pagecache/cache.py asks an answer whether it streams; pagecache/state.py finds the state in the environ."""
    handler, environ = Handler(), rf.get("/").environ | {"pagecache.state": "state"}
    answer = handler(environ, lambda status, headers: None)
    assert isinstance(answer, HttpResponse)
    assert answer.streaming is False
    assert handler.request.META is environ
    answer.close()


def test_driver_of_postgresql_shows_the_calls_of_libpq():
    """pagecache/postgresql.py waits for a server no longer than it wants to."""
    assert {b"host", b"dbname"} <= {option.keyword for option in Conninfo.get_defaults()}
    server = PGconn.connect_start(b"host=/nowhere")
    assert server.connect_poll() == PollingStatus.FAILED
    assert "/nowhere" in server.get_error_message()
    for name in ("socket", "send_prepare", "send_query_prepared", "consume_input", "is_busy", "get_result"):
        assert hasattr(PGconn, name), name


# Backups


@pytest.mark.django_db(transaction=True)
def test_transaction_that_django_does_not_know_of_lasts_over_its_queries():
    """backups/moment.py reads one moment in it, and asks which tables there are."""
    with connection.cursor() as cursor:
        cursor.execute("BEGIN")
        assert connection.get_autocommit()
        assert ContentVersion._meta.db_table in connection.introspection.table_names(cursor)
        Group.objects.create(name="Nobody's")
        assert Group.objects.filter(name="Nobody's").exists()
        cursor.execute("ROLLBACK")
    assert not Group.objects.filter(name="Nobody's").exists()
    assert connection.ops.quote_name("a") == '"a"'
    assert connection.display_name in ("SQLite", "PostgreSQL")


def test_connection_of_the_driver_is_at_hand(db):
    """backups/sqlite.py copies by the driver, and backups/postgresql.py connects other programs as Django does."""
    connection.ensure_connection()
    assert hasattr(connection.connection, "backup" if connection.vendor == "sqlite" else "pgconn")
    assert {"NAME", "PASSWORD"} <= connection.settings_dict.keys()
    assert connection.get_connection_params()
    assert {b"host", b"dbname", b"password", b"sslmode"} <= {option.keyword for option in Conninfo.get_defaults()}


def test_clock_settings_and_storage_can_be_others_for_a_block(monkeypatch):
    """backups/rendering.py and addresses/live.py call views alone, the former as of another moment."""
    monkeypatch.setattr(timezone, "now", lambda: datetime(2020, 5, 17, 3, tzinfo=UTC))
    assert timezone.localdate() == date(2020, 5, 16)
    plain = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
    own = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"}}
    with override_settings(STORAGES=project_settings.STORAGES | own, TIME_ZONE="Asia/Tokyo"):
        assert isinstance(storages["staticfiles"], ManifestStaticFilesStorage)
        assert timezone.localdate() == date(2020, 5, 17)
        with override_settings(STORAGES=project_settings.STORAGES | plain):
            assert staticfiles_storage.url("a.css") == "/static/a.css"
    assert timezone.localdate() == date(2020, 5, 16)


def test_database_can_be_another_one_until_the_setup():
    """backups/child.py looks at a restored copy with all other settings of the site."""
    code = "from django.conf import settings; settings.DATABASES['default'] |= {'NAME': 'other'}; import django; "
    code += "django.setup(); from django.db import connection; print(connection.settings_dict['NAME'])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "other\n"


# The project


def gunicorns(path):
    return (Path(gunicorn.__file__).parent / path).read_text()


def test_threaded_worker_of_gunicorn_closes_in_its_main_loop_what_handle_does_not_keep():
    """clinic_site/worker.py closes it in the thread, and sends its own page in place of gunicorn's."""
    source = gunicorns("workers/gthread.py")
    assert source.count("conn.close(graceful=True)") == 1
    assert "fs = self.tpool.submit(self.handle, conn)" in source
    assert "        return False\n\n    def _keepalive_after" in source
    assert "util.write_error(client, status_int, reason, mesg)" in gunicorns("workers/base.py")


def test_line_of_gunicorn_about_a_malformed_request_begins_as_it_did():
    """clinic_site/logs.py takes the address out of it."""
    assert f'msg = "{OF_CLIENTS}{{ip}}: {{error}}"' in gunicorns("workers/base.py")


def test_connection_can_be_shared_and_a_response_closed_by_another_thread(client, db):
    """clinic_site/places.py runs views in threads, and closes their connections at exit."""
    other = connections.create_connection("default")
    other.ensure_connection()
    other.inc_thread_sharing()
    with ThreadPoolExecutor(1) as pool:
        pool.submit(other.close).result()
        assert other.connection is None
        pool.submit(HttpResponse("x").close).result()


def test_gunicorn_takes_the_variables_for_its_workers_back_before_it_reads_its_settings_again():
    """clinic_site/master.py gives the workers those of `.env`; clinic_site/wsgi.py finds none of them elsewhere."""
    source = gunicorns("arbiter.py")
    reload = source[source.index("    def reload(self)") : source.index("    def reap_workers")]
    assert reload.index("del os.environ[k]") < reload.index("self.app.reload()") < reload.index("spawn_worker()")
    assert "environ = self.cfg.env_orig.copy()" in source
    assert 'os.environ["SERVER_SOFTWARE"] = SERVER_SOFTWARE' in source
    handler = source[source.index("except AppImportError") :]
    assert handler.index('print("%s" % e, file=sys.stderr)') < handler.index("sys.exit(self.APP_LOAD_ERROR)")


def test_gunicorn_starts_a_newer_master_beside_the_older_one():
    """deploy/handover.py waits for its files; its first worker ends the older master."""
    source = gunicorns("arbiter.py")
    start = source[source.index("    def start(self)") : source.index("    def init_signals")]
    assert start.index('pidname += ".2"') < start.index("self.cfg.on_starting(self)")
    assert "environ['GUNICORN_PID'] = str(master_pid)" in source
    assert "os.chdir(self.START_CTX['cwd'])" in source
    assert "del os.environ['GUNICORN_PID']" in source
    assert "self.reexec_pid == self.master_pid == 0" in source  # else a socket stays
    assert "os.stat(os.environ['PWD'])" in gunicorns("util.py")
    base = gunicorns("workers/base.py")
    assert base.index("self.load_wsgi()") < base.index("self.cfg.post_worker_init(self)") < base.index("self.run()")
    assert "def sd_notify(state, logger, " in gunicorns("systemd.py")


def test_plan_of_migrations_and_their_operations_can_be_read(db):
    """clinic_site/overlap.py judges what a newer release is to migrate."""
    executor = MigrationExecutor(connection)
    leaves = executor.loader.graph.leaf_nodes()
    assert executor.migration_plan(leaves) == []
    assert set(leaves) <= executor.loader.applied_migrations.keys() & executor.loader.graph.nodes.keys()
    del executor.loader.applied_migrations["services", max(name for app, name in leaves if app == "services")]
    ((migration, is_backwards),) = executor.migration_plan(leaves)
    assert (migration.app_label, is_backwards) == ("services", False)
    state = executor.loader.project_state(leaves)
    migrations.RemoveField("service", "title").state_forwards("services", state)
    assert "title" not in state.models["services", "service"].fields
    assert {"help_text", "choices", "verbose_name"} <= set(models.Field.non_db_attrs)
    assert [models.TextField(**options).has_db_default() for options in ({}, {"db_default": ""})] == [False, True]


def test_settings_of_databases_can_be_changed_before_a_connection_is_made(monkeypatch):
    """clinic_site/front.py lets no server make an empty file in the place of a lost one."""
    monkeypatch.setitem(connections.databases["default"], "CONN_MAX_AGE", 7)
    assert connections.create_connection("default").settings_dict["CONN_MAX_AGE"] == 7


def test_name_of_an_sqlite_database_may_be_a_uri():
    """clinic_site/front.py opens no file that is not there."""
    own = {"ENGINE": "django.db.backends.sqlite3", "NAME": "file:/nowhere?mode=rw", "OPTIONS": {}}
    database = DatabaseWrapper(connections["default"].settings_dict | own)
    parameters = database.get_connection_params()
    assert (parameters["database"], parameters["uri"]) == ("file:/nowhere?mode=rw", True)


def test_path_and_host_of_a_request_are_read_by_functions_of_django():
    """clinic_site/front.py, clinic_site/address.py decide before Django whose address it is."""
    assert get_path_info({"PATH_INFO": "/caf\xc3\xa9/"}) == "/café/"
    assert split_domain_port("www.Example.com:8000") == ("www.example.com", "8000")
    assert validate_host("www.example.com", ["www.example.com"])
    assert not validate_host("evil.example", ["www.example.com"])


def test_error_of_the_driver_is_the_cause_of_djangos(db):
    """clinic_site/faults.py tells wrong SQL from an outage."""
    expected = OperationalError if connection.vendor == "sqlite" else ProgrammingError
    with pytest.raises(expected) as raised, connection.cursor() as cursor:
        cursor.execute("SELECT nothing")
    assert type(raised.value.__cause__).__module__.partition(".")[0] in ("sqlite3", "psycopg")


def test_message_middleware_gives_a_request_an_empty_store_again(rf):
    """clinic_site/admin_site.py drops the messages of a call that is retried."""
    request = rf.get("/")
    request.session = {}
    for text in ("first", "second"):
        MessageMiddleware(lambda request: None).process_request(request)
        messages.success(request, text)
    assert [str(message) for message in messages.get_messages(request)] == ["second"]


class Site(admin.AdminSite):
    def admin_view(self, view, cacheable=False):
        return view

    def index(self, request, extra_context=None):
        return super().index(request, {"more": "index"})

    def login(self, request, extra_context=None):
        return "login"


def test_index_and_login_of_an_admin_site_are_its_methods(rf):
    """clinic_site/admin_site.py adds to both, and clinic_site/home.py to what the index shows."""
    request = rf.get("/")
    request.user = AnonymousUser()
    views = {pattern.name: pattern.callback for pattern in Site().get_urls() if hasattr(pattern, "name")}
    assert views["index"](request).context_data["more"] == "index"
    assert views["login"](request) == "login"


def fail(request):
    raise OperationalError("no database")


def tell_error(request):
    return HttpResponse(str(sys.exc_info()[1]), status=500)


class FailingUrls:
    urlpatterns = [path("", fail)]
    handler500 = tell_error


def test_handler_of_errors_is_called_while_the_error_is_handled(client, settings):
    """clinic_site/faults.py asks for the error by `sys.exc_info()`."""
    settings.ROOT_URLCONF, settings.MIDDLEWARE = FailingUrls, []
    client.raise_request_exception = False
    assert client.get("/").content == b"no database"


def test_log_entry_tells_its_action_and_its_form(db):
    """clinic_site/home.py lists the recent changes, accounts/changes.py all of them."""
    kind = ContentType.objects.get_for_model(User)
    added, deleted = (LogEntry(content_type=kind, object_id="7", action_flag=flag) for flag in (ADDITION, DELETION))
    assert (added.is_addition(), added.is_deletion()) == (True, False)
    assert (deleted.is_addition(), deleted.is_deletion()) == (False, True)
    assert (deleted.is_change(), LogEntry(action_flag=CHANGE).is_change()) == (False, True)
    assert added.get_admin_url() == reverse("admin:auth_user_change", args=["7"])


def test_axes_asks_its_handler_before_a_password_is_compared_and_keeps_nothing_of_who_is_refused(rf, db, monkeypatch):
    """accounts/guesses.py counts there."""
    asked = []
    monkeypatch.setattr(AxesDatabaseHandler, "is_allowed", lambda self, request, given: asked.append(given) or False)
    monkeypatch.setattr(ModelBackend, "authenticate", lambda *args, **kwargs: 1 / 0)
    request = rf.post("/")
    assert authenticate(request, username="a", password="b") is None
    assert request.axes_locked_out
    assert [given["username"] for given in asked] == ["a"]
    assert not AccessAttempt.objects.exists()
    assert {"attempt_time", "failures_since_start"} <= {field.name for field in AccessAttempt._meta.fields}


def test_device_that_is_not_stored_is_stored_by_its_first_right_code(manager):
    """accounts/codes.py sets an app up so."""
    device = TOTPDevice(user=manager)
    totp = TOTP(device.bin_key)
    totp.time = time()
    assert device.pk is None
    assert device.verify_token(f"{totp.token():06}")
    assert TOTPDevice.objects.get() == device
    assert not device.verify_token(f"{totp.token():06}")


def test_view_of_a_link_keeps_its_token_in_the_session_and_shows_what_is_invalid(client, manager):
    """accounts/views.py checks it once more."""
    token = default_token_generator.make_token(manager)
    uid = urlsafe_base64_encode(str(manager.pk).encode())
    client.get(reverse("password_reset_confirm", args=[uid, token]))
    assert client.session[INTERNAL_RESET_SESSION_TOKEN] == token
    page = client.get(reverse("password_reset_confirm", args=[uid, PasswordResetConfirmView.reset_url_token]))
    assert page.context["validlink"] and page.context["form"].user == manager
    view = page.context["view"]
    view.validlink = False
    assert not view.get_context_data()["validlink"]


def test_session_holds_a_hash_that_changes_with_the_password(client, manager):
    """accounts/sessions.py leaves those of another password out."""
    client.force_login(manager)
    assert client.session[HASH_SESSION_KEY] == manager.get_session_auth_hash()
    assert client.session[SESSION_KEY] == str(manager.pk)


def test_form_of_a_forgotten_password_tells_whom_to_send_a_link(manager):
    """accounts/forms.py sends it."""
    type(manager).objects.update(email="a@example.com")
    assert list(PasswordResetForm().get_users("A@example.com")) == [manager]


def test_permissions_of_an_app_can_be_created_before_djangos_own_turn(db):
    """accounts/roles.py gives them to the roles."""
    own = Permission.objects.filter(content_type__app_label="redirects")
    own.delete()
    create_permissions(apps.get_app_config("redirects"), using="default", apps=apps, verbosity=0)
    assert own.filter(codename="change_redirect").exists()


def test_cached_loader_keeps_what_it_loaded_also_below_another_template_of_the_same_name(tmp_path):
    """clinic_site/preload.py loads all templates at start."""
    for name in ("above", "below"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "page.html").write_text(name)
    engine = Engine(dirs=[tmp_path / "above", tmp_path / "below"], context_processors=[f"{__name__}.tell_error"])
    assert engine.template_context_processors[-1] is tell_error
    (loader,) = engine.template_loaders
    assert list(loader.get_dirs()) == engine.dirs
    above = loader.get_template("page.html")
    below = loader.get_template("page.html", skip=[above.origin])
    assert (above.source, below.source) == ("above", "below")
    loader.loaders = []
    assert loader.get_template("page.html", skip=[above.origin]) is below
    assert loader.get_template("page.html") is above


def test_connection_can_be_opened_without_a_query(db):
    """clinic_site/management/commands/prepare.py tells why the database cannot be opened."""
    new = connections.create_connection("default")
    assert new.connection is None
    new.ensure_connection()
    assert new.connection is not None
    new.close()


def test_second_connection_has_a_transaction_of_its_own(db):
    """clinic_site/management/commands/prepare.py holds a lock in it."""
    new = connections.create_connection("default")
    new.set_autocommit(False)
    with new.cursor() as cursor:
        cursor.execute("SELECT 1")
    assert new.connection is not connection.connection
    new.rollback()
    new.close()


def test_storage_on_s3_tells_its_settings_its_client_and_the_key_of_a_name():
    """pictures/bucket.py asks by the client for what S3Storage would ask for several times."""
    options = {"access_key": "a", "secret_key": "b", "region_name": "us-east-1", "location": "media"}
    storage = S3Storage(bucket_name="bucket", endpoint_url="http://127.0.0.1:1", **options)
    assert storage.get_default_settings().keys() >= {"client_config", "transfer_config"}
    assert storage._normalize_name("pictures/a.webp") == "media/pictures/a.webp"
    assert storage.bucket_name == "bucket"
    assert storage.connection.meta.client.meta.service_model.service_name == "s3"


class Runserver(RunserverCommand):
    default_addr, default_port = "127.0.0.9", 1234

    def inner_run(self, *args, **options):
        assert callable(super().inner_run)
        self.stdout.write(f"{self.addr} {self.port}")


def test_runserver_takes_its_address_from_attributes_and_runs_in_inner_run(capsys):
    """clinic_site/management/commands/runserver.py looks at the address before it serves."""
    command = Runserver()
    call_command(command, use_reloader=False)
    call_command(command, "127.0.0.8:4321", use_reloader=False)
    assert capsys.readouterr().out.split() == ["127.0.0.9", "1234", "127.0.0.8", "4321"]


def test_database_url_is_parsed_into_settings():
    """clinic_site/settings.py looks at the parts of DATABASE_URL."""
    found = Env.db_url_config("postgres://user:password@host:5433/name?sslmode=require")
    assert found["OPTIONS"] == {"sslmode": "require"}
    names = ["ENGINE", "NAME", "USER", "PASSWORD", "HOST", "PORT"]
    assert [found[name] for name in names] == [
        "django.db.backends.postgresql",
        "name",
        "user",
        "password",
        "host",
        5433,
    ]


def test_email_url_is_parsed_into_settings():
    """clinic_site/settings.py looks at the parts of EMAIL_URL."""
    found = Env.email_url_config("smtp+tls://user:pass%40word@mail.example.com:2525")
    assert found == {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_FILE_PATH": "",
        "EMAIL_HOST": "mail.example.com",
        "EMAIL_HOST_PASSWORD": "pass@word",
        "EMAIL_HOST_USER": "user",
        "EMAIL_PORT": 2525,
        "EMAIL_USE_TLS": True,
    }


# Static files


class Recording(StaticFilesStorage):
    def post_process(self, paths, dry_run=False, **options):
        storage, name = paths["css/site.css"]
        with storage.open(name) as file:
            yield "css/site.css", file.name, True


def test_collected_files_are_given_as_storage_and_path(settings, tmp_path, capsys):
    """clinic_site/storage.py reads the sources of the style sheet."""
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": f"{__name__}.Recording"}}
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    call_command("collectstatic", interactive=False, verbosity=2)
    assert (
        f"Post-processed 'css/site.css' as '{project_settings.BASE_DIR}/static/css/site.css'" in capsys.readouterr().out
    )


def test_lazy_storage_of_static_files_is_of_the_class_that_is_configured():
    """clinic_site/stylesheet.py leaves the link where files have no hash."""
    assert isinstance(staticfiles_storage, StaticFilesStorage)
    assert not isinstance(staticfiles_storage, ManifestStaticFilesStorage)


class Compressing(CompressedManifestStaticFilesStorage):
    def compress_files(self, paths):
        self.to_compress = set(paths)
        return super().compress_files(paths)

    def url(self, name, force=False):
        return super().url(name, force)


def test_names_with_hashes_are_noted_and_given_to_the_compressor(tmp_path, settings):
    """clinic_site/storage.py compresses what is new; clinic_site/stylesheet.py, clinic_site/serving.py read names."""
    settings.DEBUG = False
    storage = Compressing(location=tmp_path, base_url="/static/")
    assert isinstance(storage, ManifestStaticFilesStorage)
    assert storage.read_manifest() is None
    storage.save("a.css", ContentFile(b"a{color:red}" * 99))
    made = {made: name for name, made, _ in storage.post_process({"a.css": (storage, "a.css")}, dry_run=False)}
    hashed = next(iter(made))
    assert re.fullmatch(r"a\.[0-9a-f]{12}\.css", hashed)
    assert storage.hashed_files == {"a.css": hashed}
    assert storage.to_compress == {"a.css", hashed}
    assert storage.stored_name("a.css") == hashed
    assert storage.url("a.css") == f"/static/{hashed}"
    assert hashed in storage.read_manifest()
    assert made[f"{hashed}.gz"] == hashed


# Pictures


class Document(models.Model):
    class File(FieldFile):
        def save(self, name, content, save=True):
            self.seen = name, content, save, self.instance, self.field.attname
            self._committed = True

    class Field(models.FileField):
        pass

    Field.attr_class = File
    file = Field()

    class Meta:
        app_label = "documents"
        apps = Apps()

    def __str__(self):
        return self.file.name


def test_file_that_is_not_committed_is_saved_before_its_model():
    """pictures/fields.py stores renditions in the place of what was uploaded."""
    upload = SimpleUploadedFile("a.txt", b"text")
    document, field = Document(file=upload), Document._meta.get_field("file")
    assert document.file._committed is False
    assert document.file.file is upload
    assert upload.file.getvalue() == b"text"
    stored = field.pre_save(document, add=True)
    assert stored.seen == ("a.txt", upload, False, document, "file")
    assert Document(file="a.txt").file._committed is True


class Untransacted(admin.ModelAdmin):
    def _changeform_view(self, *args):
        return args


def test_changeform_view_is_another_one_in_a_transaction(rf, db):
    """pictures/admin.py and publishing/staff/drafts.py call the inner one alone."""
    request = rf.post("/")
    request._dont_enforce_csrf_checks = True
    view = Untransacted(Group, admin.site).changeform_view
    assert view(request, "1", "url", {"more": 1}) == (request, "1", "url", {"more": 1})


class Cleaned(forms.Form):
    name = forms.CharField()

    def full_clean(self):
        super().full_clean()
        if self.is_bound and self.files.get(self.add_prefix("file")):
            self.add_error("name", "Once more.")


def test_errors_of_a_form_come_from_full_clean():
    """pictures/admin.py adds one of its own, by the name that the file has in the request."""
    upload = SimpleUploadedFile("a.txt", b"text")
    assert Cleaned({"p-name": "a"}, {"p-file": upload}, prefix="p").errors == {"name": ["Once more."]}
    assert Cleaned({"p-name": "a"}, {}, prefix="p").is_valid()


# Public pages


def test_count_of_a_paginator_can_be_given():
    """pages/views.py counts the rows of a list once a version."""
    paginator = Paginator([1, 2, 3], 2)
    paginator.count = 5
    assert paginator.num_pages == 3


class Canonical(Sitemap):
    def items(self):
        return ["/a/"]

    def location(self, item):
        return item

    def get_domain(self, site=None):
        return "www.example.com"

    def get_protocol(self, protocol=None):
        return "gopher"


def test_host_and_scheme_of_a_sitemap_come_from_its_methods():
    """pages/sitemaps.py takes both from SITE_URL."""
    (found,) = Canonical().get_urls(site=None, protocol="http")
    assert found["location"] == "gopher://www.example.com/a/"


def test_sanitizer_of_the_editor_can_be_called_alone():
    """pages/models.py sanitizes what came into the database without the form."""
    assert (
        create_sanitizer({"Bold": True})("<p><strong>a</strong><script>b</script></p>") == "<p><strong>a</strong></p>"
    )


class Rendering(admin.ModelAdmin):
    def render_change_form(self, request, context, *args, **kwargs):
        return super().render_change_form(request, context | {"other": 2}, *args, **kwargs)


def test_change_form_is_rendered_with_its_media_form_and_formsets(rf, manager):
    """pages/admin.py adds a nonce to the media; publishing/staff/drafts.py shows faults beside their fields."""
    request = rf.get("/")
    request.user = manager
    context = Rendering(Group, admin.site)._changeform_view(request, None, "", {"more": 1}).context_data
    assert isinstance(context["media"], forms.Media)
    assert isinstance(context["adminform"].form, forms.ModelForm)
    assert context["inline_admin_formsets"] == []
    assert (context["more"], context["other"]) == (1, 2)


# Snapshots


def test_error_of_several_fields_holds_its_errors_by_field():
    """publishing/models.py puts an error beside the field that its code names."""
    (inner,) = ValidationError({"name": ValidationError("Wrong.", code="other")}).error_dict["name"]
    assert (inner.message, inner.code) == ("Wrong.", "other")


def test_python_serializer_gives_plain_fields():
    """publishing/revisions/snapshot.py makes JSON of them."""
    (found,) = serializers.serialize("python", [Redirect(site_id=3, old_path="/a/")], fields=["site", "old_path"])
    assert found["fields"] == {"site": 3, "old_path": "/a/"}


def test_foreign_key_is_valid_only_where_its_row_is_there(db):
    """publishing/revisions/whole.py finds what a snapshot points to and is gone."""
    key = Redirect._meta.get_field("site")
    key.validate(1, Redirect())
    with pytest.raises(ValidationError):
        key.validate(99, Redirect())


def test_field_tells_its_default():
    """publishing/revisions/whole.py, publishing/staff/drafts.py take it where there is no value."""
    assert User._meta.get_field("is_active").get_default() is True
    assert User._meta.get_field("email").get_default() == ""


def test_choices_of_groups_are_told_flat():
    """publishing/revisions/differences.py tells a choice by its label."""
    assert models.CharField(choices=[("G", [("a", "A")]), ("b", "B")]).flatchoices == [("a", "A"), ("b", "B")]


def test_actions_of_objects_can_be_logged_outside_of_the_admin(manager):
    """publishing/revisions/release.py logs a dated change."""
    LogEntry.objects.log_actions(manager.pk, [manager], CHANGE, "Planned.", single_object=True)
    assert LogEntry.objects.get().get_change_message() == "Planned."


# Forms of staff


def test_time_that_comes_twice_is_an_error_with_a_code(settings):
    """publishing/staff/editing.py says so in words of its own."""
    settings.TIME_ZONE = "America/New_York"
    with pytest.raises(ValidationError) as caught:
        forms.DateTimeField().clean("2026-11-01 01:30")
    assert caught.value.code == "ambiguous_timezone"


class RowsFormSet(BaseInlineFormSet):
    def get_queryset(self):
        return self.instance.rows

    def add_fields(self, form, index):
        super().add_fields(form, index)
        form.fields["id"] = forms.UUIDField(required=False, initial=form.fields["id"].initial)
        form.empty_permitted = True

    def validate_unique(self):
        self.instance.checked = True


def rows_formset(data=None):
    """A formset of a service with two rows that the database does not have; the first is not valid."""
    whole = Service()
    whole.rows = [Benefit(text="", position=1), Benefit(text="b", position=2)]
    for row in whole.rows:
        row._state.adding = False
    factory = inlineformset_factory(Service, Benefit, formset=RowsFormSet, fields=["text"], extra=1)
    return factory(data and data(*whole.rows), instance=whole)


def test_widgets_of_a_time_say_whether_they_show_microseconds_and_may_be_others():
    """publishing/staff/fields.py shows the seconds of a time in the admin's two inputs."""

    class Whole(AdminSplitDateTime):
        supports_microseconds = True

        def __init__(self):
            forms.MultiWidget.__init__(self, [BaseAdminDateWidget, BaseAdminTimeWidget])

    class Moments(forms.Form):
        cut = forms.SplitDateTimeField(widget=AdminSplitDateTime)
        whole = forms.SplitDateTimeField(widget=Whole)

    moment = datetime(2026, 3, 2, 9, 0, 15, 250_000)
    bound = Moments(initial={"cut": moment, "whole": moment})
    assert [bound[name].initial.microsecond for name in ("cut", "whole")] == [0, 250_000]
    assert bound["whole"].field.widget.widgets[1].format_value(moment.time()) == "09:00"
    assert 'class="vTimeField"' in str(bound["whole"])


def test_forms_of_a_formset_may_be_of_rows_in_a_list():
    """publishing/staff/forms.py takes them from a whole in memory, by the name of its part."""
    formset = rows_formset()
    assert formset.prefix == "benefits"
    assert [form.instance for form in formset.initial_forms] == formset.instance.rows
    assert [form.instance.text for form in formset.extra_forms] == [""]


def test_sent_forms_are_bound_to_rows_by_their_key():
    """publishing/staff/forms.py replaces the field of the key by one that asks no database."""
    counts = {"benefits-TOTAL_FORMS": "3", "benefits-INITIAL_FORMS": "2"}
    formset = rows_formset(
        lambda a, b: (
            counts | {"benefits-0-id": b.pk, "benefits-0-text": "c", "benefits-1-id": a.pk, "benefits-1-text": ""}
        )
    )
    assert formset.is_valid()  # the form of the row that is not valid is left as it was
    assert [form.instance for form in formset.initial_forms] == formset.instance.rows[::-1]
    assert [form.has_changed() for form in formset.forms] == [True, False, False]
    assert formset.instance.checked


def test_row_that_is_to_be_deleted_is_told_by_its_form_and_not_checked():
    """publishing/staff/forms.py leaves it out."""
    counts = {"benefits-TOTAL_FORMS": "1", "benefits-INITIAL_FORMS": "1"}
    formset = rows_formset(lambda a, b: counts | {"benefits-0-id": b.pk, f"benefits-0-{DELETION_FIELD_NAME}": "on"})
    assert formset.is_valid()
    assert formset.forms[0].has_changed()
    assert formset.forms[0].cleaned_data[DELETION_FIELD_NAME] is True


def test_inline_formset_takes_the_default_key_away(db):
    """publishing/staff/drafts.py gives a new object its key."""
    new = Service()
    assert new.pk
    formset = inlineformset_factory(Service, Benefit, fields=["text"], extra=1)(instance=new)
    assert len(formset.forms) == 1
    assert new.pk is None


def test_error_can_be_added_to_a_form_that_was_not_sent():
    """publishing/staff/drafts.py shows what keeps a draft from being saved."""
    form = forms.modelform_factory(Group, fields=["name"])()
    form.cleaned_data = {}
    form.add_error("name", "Taken.")
    assert form["name"].errors == ["Taken."]


CALLS = [
    "has_view_or_change_permission",
    "get_object",
    "save_model",
    "save_related",
    "construct_change_message",
    "log_addition",
    "log_change",
    "response_add",
    "response_change",
]


def recording_admin(calls, answers):
    """A model admin of which these methods note their names and requests, and answer so."""

    def recorder(name):
        def record(self, request, *args, **kwargs):
            calls.append((name, request))
            return answers.get(name)

        return record

    return type("Recorder", (admin.ModelAdmin,), {name: recorder(name) for name in CALLS})(Group, admin.site)


@pytest.mark.parametrize("key", [None, "7"])
def test_methods_of_an_admin_are_called_in_this_order_with_the_request(rf, manager, key):
    """publishing/staff/drafts.py does its work in them, and answers in the place of the stock answers."""
    request, calls = rf.post("/", {"name": "group"}), []
    request.user, request._dont_enforce_csrf_checks = manager, True
    answers = {"get_object": Group(pk=7), "has_view_or_change_permission": True}
    answers |= {"response_add": "added", "response_change": "changed"}
    answer = recording_admin(calls, answers).changeform_view(request, key)
    saved = ["save_model", "save_related", "construct_change_message"]
    assert answer == ("changed" if key else "added")
    assert [name for name, _ in calls if name != "has_view_or_change_permission"] == (
        ["get_object", *saved, "log_change", "response_change"] if key else [*saved, "log_addition", "response_add"]
    )
    assert {given for _, given in calls} == {request}
    assert not Group.objects.filter(name="group").exists()


def test_admin_tells_who_may_see_and_where_an_object_is_shown(rf, manager):
    """publishing/staff/drafts.py refuses before anything is recorded, and links the list to the site."""
    request = rf.get("/")
    request.user = manager
    model_admin = admin.ModelAdmin(Group, admin.site)
    model_admin.view_on_site = lambda group: f"/{group.pk}/"
    assert model_admin.has_view_or_change_permission(request)
    assert model_admin.get_view_on_site_url(Group(pk=7)) == "/7/"
    assert unquote(quote("a/b_c")) == "a/b_c"


def test_list_of_the_admin_tells_its_page_its_order_and_its_filters(rf, manager):
    """publishing/staff/ordering.py and addresses/admin.py say something beside each row."""
    Group.objects.all().delete()
    groups = [Group.objects.create(name=name) for name in "abc"]
    address = reverse("admin:auth_group_changelist")
    request = rf.get(address, {ORDER_VAR: "-1"})
    request.user, request.resolver_match = manager, resolve(address)
    model_admin = admin.ModelAdmin(Group, admin.site)
    model_admin.list_display, model_admin.list_per_page = ["name"], 2
    shown = model_admin.get_changelist_instance(request)
    assert list(shown.result_list) == groups[:0:-1]
    assert (shown.page_num, shown.paginator.num_pages) == (1, 2)
    assert model_admin.get_object(request, str(groups[0].pk)) == groups[0]
    preserved = {"preserved_filters": model_admin.get_preserved_filters(request), "opts": Group._meta}
    assert add_preserved_filters(preserved, address) == f"{address}?{ORDER_VAR}=-1"


# Templates of the admin


def inherited_blocks(text):
    """The blocks of the templates that this one extends: the site's own, up to Django's of the same name."""
    parent = EXTENDS.search(text)
    if parent is None:
        return set()
    own, stock = ROOT / "templates" / parent[1], Path(admin.__file__).parent / "templates" / parent[1]
    above = own.read_text() if own.exists() and own.read_text() != text else stock.read_text()
    return {*BLOCK.findall(above), *inherited_blocks(above)}


@pytest.mark.parametrize(
    "file", [file for file in ADMIN_TEMPLATES if EXTENDS.search(file.read_text())], ids=lambda file: file.stem
)
def test_blocks_that_are_filled_are_those_of_the_admins_own_templates(file):
    """templates/admin/**/*.html extend them."""
    blocks = set(BLOCK.findall(file.read_text()))
    assert blocks
    assert blocks <= inherited_blocks(file.read_text())


class Inline(admin.StackedInline):
    model = Benefit


def test_formset_of_an_inline_tells_its_template_each_row():
    """templates/admin/**/*.html show the rows of a part in another way than Django's."""
    formset, inline = rows_formset(), Inline(Service, admin.site)
    shown = InlineAdminFormSet(inline, formset, [(None, {"fields": ["text"]})])
    rows = list(shown)
    assert (shown.opts, shown.formset) == (inline, formset)
    assert shown.has_add_permission and shown.has_change_permission and shown.has_delete_permission
    assert '"prefix": "benefits"' in shown.inline_formset_data()
    assert [row.original for row in rows] == [*formset.instance.rows, None, None]
    assert rows[0].form is formset.forms[0]
    assert rows[0].errors == {}
    assert rows[0].needs_explicit_pk_field()
    fields = rows[0].pk_field(), rows[0].fk_field(), rows[0].deletion_field()
    assert [field.field.name for field in fields] == ["id", "service", "DELETE"]
    assert [[line.fields for line in fieldset] for fieldset in rows[0]] == [[["text"]]]


def test_parts_of_a_moment_are_read_by_the_fields_that_were_set():
    """publishing/staff/fields.py has a day and a time read as they are typed."""
    field = forms.SplitDateTimeField()
    field.fields = (forms.DateField(input_formats=["%Y"]), forms.TimeField(input_formats=["%H"]))
    assert field.clean(["2026", "17"]).strftime("%Y-%m-%d %H:%M") == "2026-01-01 17:00"


def test_attributes_of_each_field_are_built_by_one_method():
    """publishing/staff/error_summary.py lets both parts of a moment name its error."""

    class Described(forms.BoundField):
        def build_widget_attrs(self, attrs, widget=None):
            return super().build_widget_attrs(attrs, widget) | {"data-built": "yes"}

    class Moment(forms.Form):
        bound_field_class = Described
        starts = forms.SplitDateTimeField()

    field = Moment({})["starts"]
    assert field.as_widget().count('data-built="yes"') == len(field.field.fields)
    assert (field.use_fieldset, field.auto_id, field.form.prefix) == (True, "id_starts", None)
