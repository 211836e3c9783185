"""The table of roles. A role is a group of django.contrib.auth."""

from typing import Any

from django.apps import AppConfig
from django.apps import apps as global_apps
from django.apps.registry import Apps
from django.contrib.auth.management import create_permissions
from django.db import transaction

SERVICE_PARTS = "benefit claim comparison condition sessionstep"
CLINIC_PARTS = "openinghours hoursexception"

PUBLISHER = {
    "services": {"view add change delete publish": "service faq", "view add change delete": SERVICE_PARTS},
    "testimonials": {"view add change delete publish": "testimonial"},
    "pages": {
        "view add change delete publish": "page",
        "view change publish": "clinic",
        "view add change delete": CLINIC_PARTS,
    },
    "pictures": {"view add change delete": "picture"},
    "redirects": {"view add change delete": "redirect"},
}

# {role: {app: {verbs: models}}}. What a contributor may add and change is limited to drafts once patients see it
# (`publishing.staff.drafts`), what the front desk may of the clinic to some of its fields (`Clinic.fields_by_right`).
# Who gives a role must have its rights (`accounts.rights`), so managers have those of all roles.
ROLES: dict[str, dict[str, dict[str, str]]] = {
    "Contributor": {
        "services": {"view add change": "service faq", "view add change delete": SERVICE_PARTS, "delete": "faq"},
        "testimonials": {"view add change": "testimonial"},
        "pages": {"view add change": "page"},
        "pictures": {"view add": "picture"},
    },
    "Publisher": PUBLISHER,
    "Front desk": {"pages": {"view change attend": "clinic", "view add change delete": CLINIC_PARTS}},
    "Manager": {
        **PUBLISHER,
        "accounts": {"view": "change"},
        "auth": {"view add change": "user", "view": "group"},
        "pages": {**PUBLISHER["pages"], "attend": "clinic"},
    },
}


def codenames(rights: dict[str, str]) -> list[str]:
    return [f"{verb}_{model}" for verbs, models in rights.items() for verb in verbs.split() for model in models.split()]


def apply_roles(sender: AppConfig, using: str, apps: Apps = global_apps, verbosity: int = 1, **kwargs: Any) -> None:
    """Receive post_migrate: create the roles that are missing, whole, and give all roles what is new of the app.

    A permission that was there before is not given again: somebody may have taken it away. So a migration has to give
    what a later table adds to a role, unless the model is as new.
    """
    try:
        groups, permissions = apps.get_model("auth", "Group"), apps.get_model("auth", "Permission")
    except LookupError:  # auth is not migrated yet
        return
    with transaction.atomic(using):
        there = permissions.objects.using(using)
        old = list(there.values_list("pk", flat=True))
        create_permissions(sender, using=using, apps=apps, verbosity=verbosity)  # Django's own turn may come after this
        new = there.exclude(pk__in=old)
        has_new = new.exists()
        for role, table in ROLES.items():
            group, is_new = groups.objects.using(using).get_or_create(name=role)
            for app, rights in table.items() if is_new or has_new else ():
                found = there.all() if is_new else new
                group.permissions.add(*found.filter(content_type__app_label=app, codename__in=codenames(rights)))
