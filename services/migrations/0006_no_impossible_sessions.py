from django.db import migrations


def forget_impossible_lengths(apps, schema_editor):
    """Take the drawing away from sessions of more than ten hours; their text stays."""
    services = apps.get_model("services", "Service").objects.using(schema_editor.connection.alias)
    services.filter(minutes_to__gt=600).update(minutes_from=None, minutes_to=None)


class Migration(migrations.Migration):
    dependencies = [
        ("services", "0005_labels_and_help"),
    ]

    # In a transaction of its own: PostgreSQL alters no table whose triggers are still to fire.
    operations = [migrations.RunPython(forget_impossible_lengths, migrations.RunPython.noop, elidable=True)]
