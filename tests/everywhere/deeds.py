"""A site with one of everything, people of each role, and what they try to do at the addresses of `doors.py`."""

import re
from contextlib import contextmanager
from datetime import timedelta

from axes.models import AccessAttempt
from django.apps import apps
from django.contrib.admin.models import CHANGE
from django.contrib.auth.models import Group, User
from django.contrib.redirects.models import Redirect
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.invitations import invite
from accounts.models import Change, Invitation, Session, Tries
from pages.models import Clinic, Page
from publishing.models import Publishable, Revision
from publishing.revisions.snapshot import own_fields
from services.models import FAQ, Service
from testimonials.models import Testimonial
from tests.admin.forms import filled
from tests.admin.rows import MAKERS, recorded
from tests.everywhere.doors import EVERYBODY
from tests.everywhere.walk import picture
from tests.pictures.images import quarters, upload

WORD, PASSWORD, LATER = "Forced by a deed", "correct horse battery staple", "2099-01-01T00:00"
NEW_PASSWORDS = dict.fromkeys(("password1", "password2", "new_password1", "new_password2"), "four words and more")
ROLES = {"C": "Contributor", "P": "Publisher", "D": "Front desk", "M": "Manager"}
# A field of each model that its form holds, and what else a new row needs.
TEXTS = {
    "services_service": ("title", {"slug": "forced"}),
    "services_faq": ("question", {"answer": "Forced."}),
    "testimonials_testimonial": ("name", {"quote": "Forced."}),
    "pages_page": ("title", {"slug": "forced", "body": "<p>Forced.</p>"}),
    "pages_clinic": ("headline", {}),
    "pictures_picture": ("alt", {}),
    "redirects_redirect": ("new_path", {"old_path": "/forced/"}),
    "auth_user": ("username", {}),
    "auth_group": ("name", {}),
    "accounts_change": ("object_repr", {}),
}
UNTOLD = [model._meta.db_table for model in (Session, Tries, AccessAttempt)]
VALUES = {"redirects_redirect": "/forced-by-a-deed/", "auth_user": "forced.by.a.deed"}


def model_of(name):
    return apps.get_model(name.replace("_", "."))


class World:
    """The site, the people by letter, and of each model a row that is live, by the model's name."""

    def __init__(self):
        call_command("load_clinic", verbosity=0)
        self.rows = {name: maker(number) for number, (name, maker) in enumerate(MAKERS.items(), 1)}
        now = timezone.now()
        self.rows["services_faq"] = FAQ.objects.filter(service=Service.objects.first()).first()
        self.rows["testimonials_testimonial"] = Testimonial.objects.filter(publish_at__lte=now).first()
        Page.objects.update(publish_at=now - timedelta(days=1))
        self.rows["pages_page"].refresh_from_db()
        self.rows["pictures_picture"] = picture(quarters())  # which no page uses
        self.rows["pages_clinic"] = Clinic.objects.get()
        Page.objects.create(title="Other", slug="other", body="<p>x</p>", publish_at=now)
        self.people = {letter: self.person(letter) for letter in EVERYBODY[:-1]}
        self.rows["auth_user"] = User.objects.create_user("dana", password=PASSWORD, is_staff=True)
        self.rows["auth_user"].groups.add(Group.objects.get(name="Contributor"))
        TOTPDevice.objects.create(user=self.rows["auth_user"])
        invite(self.rows["auth_user"], self.people["S"])
        self.session(self.rows["auth_user"])
        self.rows["accounts_change"] = Change.objects.create(
            user=self.people["S"], action_flag=CHANGE, object_repr="Something"
        )
        self.sessions = {letter: self.session(user) for letter, user in self.people.items()}
        User.objects.filter(pk=self.people["I"].pk).update(is_active=False)
        self.hashes = [user.password for user in self.people.values()]
        self.hidden = {name: self.hidden_row(name) for name in TEXTS if issubclass(model_of(name), Publishable)}
        self.forms = {}
        self.old = {name: old for name in TEXTS if (old := self.old_version(name))}
        self.drafts = {name: (self.draft(name), self.draft(name, dated=True)) for name in self.old}

    def person(self, letter):
        user = User.objects.create_user(f"person-{letter}", password=PASSWORD, is_staff=letter != "O")
        user.is_superuser = letter == "S"
        user.save()
        if letter in ROLES:
            user.groups.add(Group.objects.get(name=ROLES[letter]))
        return user

    def session(self, user):
        client = Client()
        client.force_login(user)
        return client.cookies["session"].value

    def client(self, letter):
        client = Client(raise_request_exception=False)
        if letter in self.sessions:
            client.cookies["session"] = self.sessions[letter]
        return client

    def hidden_row(self, name):
        """A row that was never public."""
        field, more = TEXTS[name]
        row = model_of(name)(**{field: "Hidden"} | more | ({"slug": "hidden"} if "slug" in more else {}))
        row.save()
        return row

    def filled(self, path):
        """What a superuser's form would send."""
        if path not in self.forms:
            self.forms[path] = filled(self.client("S"), path)
        return self.forms[path]

    def old_version(self, name):
        """An older version of the live row, or None where there are no versions."""
        client, row = self.client("S"), self.rows[name]
        url = self.at(name, "change", row.pk)
        if "base_version" not in filled(client, url):
            return None
        assert client.post(url, filled(client, url, **{TEXTS[name][0]: "Newer"})).status_code == 302
        if name in self.hidden:
            recorded(self.hidden[name])
        return Revision.objects.of(type(row), row.pk).versions().last()

    def draft(self, name, dated=False):
        row = self.rows[name]
        path = self.at(name, "change", row.pk)
        data = self.filled(path) | {"_keep": "1"} | ({"apply_at": LATER} if dated else {})
        assert self.client("S").post(path, data).status_code == 302
        return Revision.objects.of(type(row), row.pk).drafts().latest("pk")

    def at(self, name, action, *args):
        return reverse(f"admin:{name}_{action}", args=args)

    def address(self, name, route):
        """A path of this address, with what there is on this site put in."""
        model = next((model for model in TEXTS if f"/{model.replace('_', '/')}/" in route), None)
        row = self.rows[model or "services_service"]
        known = {"path:object_id": row.pk, "id": row.pk, "str:token": self.drafts["services_service"][0].token}
        known |= {"rendition:name": self.rows["pictures_picture"].file.preview_url.split("/")[-1]}
        known |= {"uidb64": "MQ", "token": "set-password"}
        known |= {"slug:slug": self.rows["services_service" if name == "service" else "pages_page"].slug}
        path = "/" + re.sub(r"\^\(\?P<app_label>.*", "services/", route)
        for key, value in known.items():
            path = path.replace(f"<{key}>", str(value))
        path = path.replace("(?P<url>.*)$", "no-such-page/")
        assert not set(path) & set("<>(?"), f"say in deeds.py what to put into {route}"
        return path


# Deeds: (path, data, whether it is done, told by the answer)


def changed(world, name, row, query="", **more):
    field, value = TEXTS[name][0], VALUES.get(name, WORD)
    data = world.filled(world.at(name, "change", row.pk))

    def is_done(answer):
        return getattr(type(row)._base_manager.filter(pk=row.pk).first(), field, None) == value

    return world.at(name, "change", row.pk) + query, data | {field: value} | more, is_done


def kept(world, name, **more):
    row = world.rows[name]
    path, data, _ = changed(world, name, row, **more)
    last = Revision.objects.latest("pk").pk

    def is_done(answer):
        new = Revision.objects.of(type(row), row.pk).drafts().filter(pk__gt=last)
        return any(draft.apply_at or "apply_at" not in more for draft in new)

    return path, data, is_done


def discarded(world, name, number):
    draft = world.drafts[name][number]
    path = f"{world.at(name, 'change', draft.object_id)}?revision={draft.pk}"
    return path, {"_discard": "1"}, lambda answer: not Revision.objects.drafts().filter(pk=draft.pk).exists()


def previewed(world, name):
    path, data, _ = changed(world, name, world.rows[name], _preview="1")
    return path, data, lambda answer: b"srcdoc" in answer.content


def restored(world, name):
    old, row, field = world.old[name], world.rows[name], TEXTS[name][0]
    path = f"{world.at(name, 'change', row.pk)}?revision={old.pk}"
    data = world.filled(path)
    was = own_fields(old.data)[field]
    return path, data, lambda answer: getattr(type(row)._base_manager.get(pk=row.pk), field) == was


def added(world, name, **more):
    field, rest = TEXTS[name]
    data = world.filled(world.at(name, "add")) | {field: VALUES.get(name, WORD)} | rest | more
    if name == "pictures_picture":
        data["file"] = upload(quarters())
    last = Revision.objects.latest("pk").pk

    def is_done(answer):
        if "_keep" in more:
            return Revision.objects.drafts().filter(pk__gt=last).exists()
        found = model_of(name)._base_manager.filter(**{field: data[field]})
        return found.exists() and ("publish_at_0" not in more or found.get().is_live)

    return world.at(name, "add"), data, is_done


def gone(world, name, action):
    row = world.rows[name]
    data = {"post": "yes", "action": "delete_selected", "_selected_action": str(row.pk)}
    path = world.at(name, action, *([row.pk] if action == "delete" else []))
    return path, data, lambda answer: not type(row)._base_manager.filter(pk=row.pk).exists()


def moved(world, name):
    row = world.rows[name]
    rows = [*row.siblings().order_by("position", "pk")]
    way = "up" if rows.index(row) else "down"
    before = [sibling.pk for sibling in rows]

    def is_done(answer):
        return [sibling.pk for sibling in row.siblings().order_by("position", "pk")] != before

    return world.at(name, "move", row.pk), {"move": f"{way}:"}, is_done


def added_many(world, name):
    path = world.at(name, "many")
    line = {"text": f"/forced/, {VALUES[name]}"}
    shown = world.client("S").post(path, line | {"_preview": "1"}).content.decode()
    seen = shown.partition('name="seen" value="')[2].partition('"')[0]
    rows = Redirect.objects.filter(new_path=VALUES[name])
    return path, line | {"seen": seen, "_save": "1"}, lambda answer: rows.exists()


def password_set(world, user, path, **more):
    return path, NEW_PASSWORDS | more, lambda answer: User.objects.get(pk=user.pk).password != user.password


def logged(world, letter, name):
    data = {"username": f"person-{letter}", "password": PASSWORD}
    if name == "log_out":
        return reverse("admin:logout"), {}, lambda answer: b"Logged out" in answer.content
    return reverse("admin:login"), data, lambda answer: "_auth_user_id" in answer.wsgi_request.session


# How another person signs in: what a button sends, and the rows that are other ones once it is done
SIGN_IN = {
    "make_link": ({"_make": "1"}, lambda world: Invitation.objects.filter(user=world.rows["auth_user"])),
    "take_link_back": ({"_withdraw": "1"}, lambda world: Invitation.objects.filter(user=world.rows["auth_user"])),
    "take_code": ({"_turn_off": "1"}, lambda world: TOTPDevice.objects.filter(user=world.rows["auth_user"])),
    "end_sessions": ({"end": "all"}, lambda world: Session.objects.filter(user=world.rows["auth_user"])),
}
PUBLIC_FROM = {"publish_at_0": "2020-01-01", "publish_at_1": "00:00"}
DEEDS = {
    "save": lambda world, name: changed(world, name, world.rows[name]),
    "save_continue": lambda world, name: changed(world, name, world.rows[name], _continue="1"),
    "save_hidden": lambda world, name: changed(world, name, world.hidden[name]),
    "save_draft": lambda world, name: changed(world, name, world.rows[name], f"?revision={world.drafts[name][0].pk}"),
    "keep": lambda world, name: kept(world, name, _keep="1"),
    "keep_dated": lambda world, name: kept(world, name, _keep="1", apply_at=LATER),
    "dated": lambda world, name: kept(world, name, apply_at=LATER),
    "preview": previewed,
    "restore": restored,
    "discard": lambda world, name: discarded(world, name, 0),
    "discard_dated": lambda world, name: discarded(world, name, 1),
    "add": added,
    "add_kept": lambda world, name: added(world, name, _keep="1"),
    "add_public": lambda world, name: added(world, name, **PUBLIC_FROM),
    "add_many": added_many,
    "delete": lambda world, name: gone(world, name, "delete"),
    "delete_selected": lambda world, name: gone(world, name, "changelist"),
    "move": moved,
}


def deed(world, letter, address, name):
    """(path, data, is_done) of a deed that someone tries at an address."""
    if name in ("log_in", "log_out"):
        return logged(world, letter, name)
    if name == "change_own_password":
        user = world.people.get(letter, world.people["S"])
        return password_set(world, user, reverse("admin:password_change"), old_password=PASSWORD)
    model = address.removeprefix("admin:").rpartition("_")[0]
    if name in SIGN_IN:
        button, rows = SIGN_IN[name]
        before = {row.pk for row in rows(world)}
        path = reverse(address, args=[world.rows["auth_user"].pk])
        return path, button, lambda answer: {row.pk for row in rows(world)} != before
    return DEEDS[name](world, model)


# Visits, and what happens meanwhile


def visit(world, letter, method, path, data=None):
    client = world.client(letter)
    answer = client.generic(method, path) if data is None else client.post(path, data)
    content = b"".join(answer)
    assert answer.status_code < 500, (letter, method, path)
    assert not [text for text in world.hashes if text.encode() in content], f"{path} shows a hash"
    return answer


@contextmanager
def undone():
    """What is written in the block is taken back at its end."""
    point = transaction.savepoint()
    yield
    transaction.savepoint_rollback(point)


@contextmanager
def written():
    """The statements in the block that write anything but a session or a count of wrong passwords."""
    found = []

    def watch(execute, sql, params, many, context):
        if sql.split(None, 1)[0].upper() in ("INSERT", "UPDATE", "DELETE", "REPLACE"):
            found.extend([] if any(table in sql for table in UNTOLD) else [sql])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        yield found
