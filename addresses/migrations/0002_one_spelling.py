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
    """Write old addresses as they are looked up; of two that become one, the second stays as it is."""
    rows = apps.get_model("redirects", "Redirect").objects
    taken = set(rows.values_list("site_id", "old_path"))
    for pk, site, old in rows.values_list("pk", "site_id", "old_path"):
        new = str(address_of(old))
        if (site, new) not in taken and len(new) <= 200:
            rows.filter(pk=pk).update(old_path=new)
            taken.add((site, new))


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
