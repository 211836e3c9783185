from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        ("services", "0006_no_impossible_sessions"),
    ]

    operations = [
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
