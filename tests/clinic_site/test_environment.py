"""Each variable of README's table, from the environment and from a file: both mean the same."""

import re

import pytest

from clinic_site import environment
from tests.configured import OF_FILES, ROOT, SECRET, VARIABLES

HOSTILE = [
    "",
    " ",
    "\t",
    " true ",
    "true",
    "0",
    "1",
    "-1",
    "7",
    "99999999999999999999",
    "1e9",
    "²",
    "é",
    "名",
    "no",
    "None",
    "*",
    ",",
    ",,a,",
    "a,b",
    "a b",
    "a#b",
    "a # b",
    "$HOME",
    "$ITSELF",
    "${HOME}",
    "%",
    "%00",
    "\\",
    "\\n",
    "'",
    '"',
    "'\"",
    "{}",
    "::",
    "[::]",
    "[::1]",
    "[",
    "[]",
    "0.0.0.0",
    "127.0.0.1:80",
    "192.0.2.0/24",
    "192.0.2.1/24",
    "unix:",
    "unix:x",
    "unix:/run/x.sock",
    "fd://3",
    "~",
    "~nobody-has-this-name/x",
    "/",
    "/dev/null",
    "../..",
    "x" * 300,
    "x" * 5000,
    "http://",
    "https://",
    "https://-",
    "https://.",
    "https://a_b.example",
    "https://www.example.com:443",
    "https://www.example.com:0",
    "https://www.example.com:99999",
    "https://user:a-password@www.example.com",
    "https://www.example.com/?a#b",
    "HTTPS://WWW.Example.com/",
    "https://[::1]:8443",
    "https://[::g]",
    "//",
    "javascript:alert(1)",
    "postgres://",
    "postgres:///",
    "postgres://a-password",
    "postgres://user:a-password@host/name?a=b&a",
    "postgres://user:a-password@host:0/name",
    "postgres://user:a-password@[::1]/name",
    "postgres://user:a+b%20c@d@host/name",
    "America/New_York",
    "America",
    "/etc/localtime",
    "../../etc/passwd",
    "smtp://user:a-password@host:25",
    "s3://bucket",
]


def test_table_names_its_variables():
    assert {"SECRET_KEY", "SITE_URL", "PORT", "HSTS_PRELOAD", "PICTURE_SECONDS", "WEB_CONCURRENCY"} <= set(VARIABLES)


def test_example_has_each_variable_once():
    named = re.findall(r"^(?:# )?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    assert sorted(named) == sorted(OF_FILES)


@pytest.mark.parametrize("name", OF_FILES)
def test_value_means_the_same_from_a_file_and_from_the_environment(configured, name):
    understood = 0
    for hostile in HOSTILE:
        value = hostile.replace("ITSELF", name)
        by_environment = configured({name: value})
        assert configured(content=f"{name}={value}") == by_environment, value
        assert configured(content=f"export {name}={value}\r\n# Ours\r\n") == by_environment, value
        if isinstance(by_environment, str):
            assert by_environment.startswith(name), value
            assert "\n" not in by_environment
            assert "a-password" not in by_environment
        else:
            understood += 1
    assert understood, "no value at all is understood"
    assert configured({name: "\udcff"}) == f"{name} has a character that cannot be seen."
    assert configured({name: "a\nb"}) == f"{name} has a character that cannot be seen."


@pytest.mark.parametrize("name", OF_FILES)
def test_value_in_quotes_is_what_is_between_them(configured, name):
    value = {"SECRET_KEY": SECRET, "SITE_URL": "https://www.example.com"}.get(name, "7")
    for quoted in (f"'{value}'", f'"{value}"', f"' {value} '"):
        assert configured(content=f"{name}={quoted}") == configured({name: value})


@pytest.mark.parametrize("name", OF_FILES)
def test_empty_value_is_as_if_it_were_not_set(configured, name):
    if name != "SECRET_KEY":
        assert configured({name: ""}) == configured() == configured(content=f"{name}=")


EMAIL = "EMAIL_URL must be an address such as smtp+tls://user:password@host:587."
DATABASE = "DATABASE_URL must be an address such as postgres://user:password@host/name."


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("SECRET_KEY", "", "SECRET_KEY must be set to at least 32 random characters."),
        ("SECRET_KEY", "x" * 31, "SECRET_KEY must be set to at least 32 random characters."),
        ("DEBUG", "treu", "DEBUG must be true or false."),
        ("PORT", "9" * 5000, "PORT must have at most 4000 characters."),
        ("PORT", "70000", "PORT must be a number from 1 to 65535."),
        ("SITE_URL", "www.example.com", "SITE_URL must be a scheme and a host"),
        ("SITE_URL", "https://www.example.com/clinic", "SITE_URL must be a scheme and a host"),
        ("SITE_URL", "https://exa mple.com", "SITE_URL must be a scheme and a host"),
        ("SITE_URL", "https://example.com:port", "SITE_URL must be a scheme and a host"),
        ("TIME_ZONE", "Clifton", "TIME_ZONE must be a name such as America/New_York."),
        ("ALLOWED_HOSTS", "*", "ALLOWED_HOSTS must name each host"),
        ("ALLOWED_HOSTS", "*.example.com", "ALLOWED_HOSTS must name each host"),
        ("ALLOWED_HOSTS", "example.com:8000", "ALLOWED_HOSTS must be host names such as example.com"),
        ("BIND", "127.0.0.1:8000", "BIND must be an address such as 127.0.0.1 or ::, or a socket"),
        ("FORWARDED_ALLOW_IPS", "192.0.2.1/24", "FORWARDED_ALLOW_IPS must be addresses or networks"),
        ("DATABASE_URL", "clinic", DATABASE),
        ("DATABASE_URL", "mysql://user:a-password@host/clinic", DATABASE),
        ("DATABASE_URL", "postgres://user:a-password@host", DATABASE),
        ("DATABASE_URL", "postgres://user:a-password@host:port/clinic", DATABASE),
        ("DATABASE_URL", "postgres://user:a-pass?word@host/clinic", DATABASE),
        ("DATABASE_URL", "postgres://user:a-password@[host/clinic", DATABASE),
        ("DATABASE_URL", "postgres://user:a-password@host/clinic?conn_max_age=a", DATABASE),
        ("DATABASE_URL", "postgres://user:a-password@host/clinic?conn_max_age=-1", DATABASE),
        ("DATABASE_URL", "postgres://user:a-password@host/clinic?conn_health_checks=a", DATABASE),
        ("EMAIL_URL", "mail.example.com", EMAIL),
        ("EMAIL_URL", "imap://user:a-password@mail.example.com", EMAIL),
        ("EMAIL_URL", "smtp://user:a-password@", EMAIL),
        ("EMAIL_URL", "smtp://user:a-password@mail.example.com:port", EMAIL),
        ("EMAIL_URL", "smtp://user:a-password@[mail", EMAIL),
        ("EMAIL_URL", "smtp://user:a-password@mail.example.com/?what=1", EMAIL),
        ("DEFAULT_FROM_EMAIL", "the clinic", "DEFAULT_FROM_EMAIL must be an e-mail address."),
        ("REQUIRE_SIGN_IN_CODES", "maybe", "REQUIRE_SIGN_IN_CODES must be true or false."),
        ("PROXY_HOPS", "-1", "PROXY_HOPS must be a number from 0 to 10."),
        ("SESSION_IDLE_MINUTES", "0", "SESSION_IDLE_MINUTES must be a number from 1 to 10000."),
        ("SESSION_HOURS", "forever", "SESSION_HOURS must be a number from 1 to 720."),
    ],
)
def test_wrong_value_says_what_would_be_right(configured, name, value, message):
    assert configured({name: value}).startswith(message)


@pytest.mark.parametrize(
    ("url", "port", "tls", "ssl"),
    [
        ("smtp://mail.example.com", 25, None, None),
        ("smtp+tls://u:p@mail.example.com", 587, True, None),
        ("smtp+ssl://u:p@mail.example.com", 465, None, True),
        ("smtp+tls://u:p@mail.example.com:2525", 2525, True, None),
    ],
)
def test_email_goes_to_the_server_that_is_named(configured, url, port, tls, ssl):
    site = configured({"EMAIL_URL": url, "SITE_URL": "https://www.example.com"})
    assert (site["HAS_EMAIL"], site["EMAIL_HOST"], site["EMAIL_PORT"]) == (True, "mail.example.com", port)
    assert (site.get("EMAIL_USE_TLS"), site.get("EMAIL_USE_SSL")) == (tls, ssl)
    assert site["DEFAULT_FROM_EMAIL"] == "no-reply@www.example.com"


def test_email_comes_from_the_address_that_is_named(configured):
    named = "The clinic <a@example.com>"
    assert configured({"DEFAULT_FROM_EMAIL": named})["DEFAULT_FROM_EMAIL"] == named
    assert configured()["HAS_EMAIL"] is False


def test_environment_counts_where_both_set_a_variable(configured):
    assert configured({"PORT": "8001"}, "PORT=8002")["PORT"] == 8001


def test_last_line_of_a_file_counts(configured):
    assert configured(content="PORT=8001\nPORT=8002")["PORT"] == 8002


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("PORT = 8001", "variables, line 1: write NAME=value, without spaces around =."),
        ("\n\nPORT", "variables, line 3: write NAME=value, without spaces around =."),
        ("PORT=\x00", "variables, line 1: has a character that cannot be seen."),
        ("PORT=1\x0cDEBUG=1", "variables, line 1: has a character that cannot be seen."),
        ("GUNICORN_CMD_ARGS=--workers=3", "variables, line 1: GUNICORN_CMD_ARGS works from the environment alone."),
        ("ENV_FILE=other", "variables, line 1: ENV_FILE works from the environment alone."),
        (b"PORT=\xff", "variables must be plain text in UTF-8."),
    ],
)
def test_file_that_is_not_understood_is_one_line(configured, content, message):
    assert configured(content=content) == message


def test_file_that_is_named_must_be_there(configured, tmp_path):
    assert configured({"ENV_FILE": str(tmp_path / "none")}) == "none cannot be read: No such file or directory."
    assert configured({"ENV_FILE": str(tmp_path)}).endswith("cannot be read: Is a directory.")


def test_no_file_is_read_where_its_name_is_empty(configured):
    assert configured({"ENV_FILE": ""}, "PORT=8001")["PORT"] == 8000


def test_host_names_and_addresses_take_the_form_that_is_compared(configured):
    site = configured({"SITE_URL": "HTTPS://WWW.Example.com:443/", "ALLOWED_HOSTS": "Example.COM, ::2,[::3]"})
    assert site["SITE_URL"] == "https://www.example.com"
    assert site["ALLOWED_HOSTS"] == [
        "localhost",
        "127.0.0.1",
        "[::1]",
        "example.com",
        "[::2]",
        "[::3]",
        "www.example.com",
    ]
    assert configured({"SITE_URL": "http://www.example.com:8080"})["SITE_URL"] == "http://www.example.com:8080"
    assert configured({"ALLOWED_HOSTS": "https://example.com"}).startswith("ALLOWED_HOSTS must be host names such as")


@pytest.mark.parametrize(
    ("typed", "password"),
    [
        ("a+b%20c", "a+b c"),
        ("a@b", "a@b"),
        ("a:b", "a:b"),
        ("a#b", "a#b"),
        ("a%b", "a%b"),
        ("a!$&*(){}|b", "a!$&*(){}|b"),
    ],
)
def test_password_of_the_database_may_have_most_signs_as_they_are(configured, typed, password):
    database = configured({"DATABASE_URL": f"postgres://user:{typed}@host/name"})["DATABASES"]["default"]
    assert (database["PASSWORD"], database["HOST"], database["NAME"]) == (password, "host", "name")


def test_browsers_are_bound_for_subdomains_only_where_that_is_asked_for(configured):
    names = ("SECURE_HSTS_SECONDS", "SECURE_HSTS_INCLUDE_SUBDOMAINS", "SECURE_HSTS_PRELOAD")
    https = {"SITE_URL": "https://www.example.com", "ALLOWED_HOSTS": "example.com"}
    assert [configured(https)[name] for name in names] == [31_536_000, False, False]
    whole = https | {"HSTS_SUBDOMAINS": "true"}
    assert [configured(whole)[name] for name in names] == [31_536_000, True, False]
    assert [configured(whole | {"HSTS_PRELOAD": "true"})[name] for name in names] == [31_536_000, True, True]
    assert configured(https | {"HSTS_PRELOAD": "true"}).startswith("HSTS_PRELOAD needs HSTS_SUBDOMAINS=true")
    assert configured()["SECURE_HSTS_SECONDS"] == 0


def test_name_that_is_nearly_one_of_ours_is_noticed(configured):
    configured(content="SITEURL=https://www.example.com\nALLOWED_HOST=a\nPGPASSWORD=x\nPORT=8000")
    assert environment.misspelled() == {"ALLOWED_HOST": "ALLOWED_HOSTS", "SITEURL": "SITE_URL"}


def test_this_machine_is_always_a_proxy_in_both_forms_of_its_address(configured):
    own = ["127.0.0.1/32", "::1/128"]
    assert configured()["PROXIES"] == [*own, "::ffff:127.0.0.1/128"]
    named = configured({"FORWARDED_ALLOW_IPS": "192.0.2.0/24, 2001:db8::7"})["PROXIES"]
    assert named == ["192.0.2.0/24", "2001:db8::7/128", *own, "::ffff:192.0.2.0/120", "::ffff:127.0.0.1/128"]
    assert configured({"FORWARDED_ALLOW_IPS": "*"})["PROXIES"] == ["*"]


def test_empty_variable_of_the_environment_counts_as_none(configured):
    content = "SITE_URL=https://www.example.com"
    assert configured({"SITE_URL": " "}, content=content)["SITE_URL"] == "https://www.example.com"


@pytest.mark.parametrize("value", ['"/srv/x" # the data', "'/srv/x"])
def test_quote_that_does_not_end_its_value_is_told(configured, value):
    assert configured(content=f"DATA_DIR={value}") == "DATA_DIR must end with the quote that it begins with."


@pytest.mark.parametrize("path", ["{}/data", "{}/other/../data", "{}/data/inner/.."])
def test_backups_lie_beside_the_data_however_its_path_is_written(configured, tmp_path, path):
    site = configured({"DATA_DIR": path.format(tmp_path)})
    assert site["BACKUP_DIR"] == tmp_path / "data-backups"
