from django.db import migrations

PARTS = ("openinghours", "hoursexception")
SERVICE_PARTS = ("benefit", "claim", "comparison", "condition", "sessionstep")
EDIT = ("view", "add", "change", "delete")
# {role: [(verbs, app, models)]}: what roles of before lack of the table of today
NEW = {
    "Front desk": [(("view", "change"), "pages", ("clinic",)), (EDIT, "pages", PARTS)],
    "Manager": [
        ((*EDIT, "publish"), "services", ("service", "faq")),
        (EDIT, "services", SERVICE_PARTS),
        ((*EDIT, "publish"), "testimonials", ("testimonial",)),
        ((*EDIT, "publish"), "pages", ("page",)),
        (EDIT, "pictures", ("picture",)),
        (EDIT, "redirects", ("redirect",)),
    ],
}


def give(apps, schema_editor):
    """Give them to roles that are there; a new site has none yet, and gets them whole."""
    groups, permissions = apps.get_model("auth", "Group"), apps.get_model("auth", "Permission")
    for group in groups.objects.filter(name__in=NEW):
        for verbs, app, models in NEW[group.name]:
            names = [f"{verb}_{model}" for verb in verbs for model in models]
            group.permissions.add(*permissions.objects.filter(content_type__app_label=app, codename__in=names))


def forget_old_sessions(apps, schema_editor):
    """Delete what no request reads any more: sessions are in a table of this app now."""
    apps.get_model("sessions", "Session").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("pages", "0004_attend_clinic"),
        ("sessions", "0001_initial"),
    ]
    operations = [
        migrations.RunPython(give, migrations.RunPython.noop),
        migrations.RunPython(forget_old_sessions, migrations.RunPython.noop),
    ]
