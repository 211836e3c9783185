from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("publishing", "0004_content_version_to_pagecache")]

    operations = [
        migrations.AddField("revision", "number", models.PositiveIntegerField(null=True)),
    ]
