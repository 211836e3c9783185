from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [("publishing", "0003_content_version")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name="ContentVersion",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("value", models.CharField(max_length=36)),
                    ],
                    options={
                        "db_table": "publishing_contentversion",
                        "default_permissions": (),
                        "constraints": [
                            models.CheckConstraint(condition=models.Q(("id", 1)), name="contentversion_is_one")
                        ],
                    },
                )
            ]
        )
    ]
