from django.db import migrations

from addresses.spelling import address_of

RESERVED = ("admin", "contact", "draft", "faq", "media", "request", "services", "static", "testimonials")


def lower_slugs(apps, schema_editor):
    """Write the addresses of pages and services in small letters; one that is taken stays until staff change it."""
    for app, name in (("pages", "Page"), ("services", "Service")):
        rows = apps.get_model(app, name).objects
        taken = {*rows.values_list("slug", flat=True), *(RESERVED if name == "Page" else ())}
        for pk, slug in rows.values_list("pk", "slug"):
            if slug != slug.lower() and slug.lower() not in taken:
                rows.filter(pk=pk).update(slug=slug.lower())
                taken.add(slug.lower())


def spell_redirects(apps, schema_editor):
    """Write old addresses as they are looked up; of those that become one, that stays which visitors get."""
    rows = apps.get_model("redirects", "Redirect").objects
    found = {}
    for pk, site, old in rows.values_list("pk", "site_id", "old_path"):
        key = address_of(old).key
        found.setdefault((site, key), []).append((rank(old, key), old, pk))
    for same in found.values():
        (_, old, pk), *hidden = sorted(same)
        rows.filter(pk__in=[one for _, _, one in hidden]).delete()
        if len(str(address_of(old))) <= 200:
            rows.filter(pk=pk).update(old_path=str(address_of(old)))


def rank(old, key):
    """Return 0 for the address without a slash at its end, 1 for that with it, and more for what is not looked up."""
    spelled = str(address_of(old))
    return (spelled != key) + 2 * (old != spelled)


class Migration(migrations.Migration):
    dependencies = [
        ("addresses", "0001_initial"),
        ("pages", "0004_attend_clinic"),
        ("redirects", "0002_alter_redirect_new_path_help_text"),
        ("services", "0007_longest_session"),
    ]
    operations = [
        migrations.RunPython(lower_slugs, migrations.RunPython.noop),
        migrations.RunPython(spell_redirects, migrations.RunPython.noop),
    ]
