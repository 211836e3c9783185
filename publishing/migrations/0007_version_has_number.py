from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("publishing", "0006_number_versions")]

    operations = [
        migrations.AddConstraint(
            "revision",
            models.CheckConstraint(
                name="version_has_number",
                condition=models.Q(("applied_at", None), ("number__isnull", False), _connector="OR"),
            ),
        ),
    ]
