from django.db import migrations, models
from django.db.models import Q


def forget_impossible_lengths(apps, schema_editor):
    """Take the drawing away from sessions of more than ten hours; their text stays."""
    services = apps.get_model("services", "Service").objects.using(schema_editor.connection.alias)
    services.filter(minutes_to__gt=600).update(minutes_from=None, minutes_to=None)


class Migration(migrations.Migration):
    dependencies = [
        ("services", "0005_labels_and_help"),
    ]

    operations = [
        migrations.RunPython(forget_impossible_lengths, migrations.RunPython.noop, elidable=True),
        migrations.AddConstraint(
            model_name="service",
            constraint=models.CheckConstraint(
                condition=Q(minutes_to=None) | Q(minutes_to__lte=600),
                name="service_minutes_at_most_600",
                violation_error_code="minutes_to",
                violation_error_message="A session has at most 600 minutes.",
            ),
        ),
    ]
