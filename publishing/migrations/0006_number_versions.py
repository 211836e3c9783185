"""Number the versions of each object in the order in which they were applied."""

from collections import Counter

from django.db import migrations

BATCH = 500


def number_versions(apps, schema_editor):
    revisions = apps.get_model("publishing", "Revision").objects.using(schema_editor.connection.alias)
    numbers, changed = Counter(), []
    versions = revisions.exclude(applied_at=None).order_by("applied_at", "pk").only("content_type_id", "object_id")
    for revision in versions:
        numbers[revision.content_type_id, revision.object_id] += 1
        revision.number = numbers[revision.content_type_id, revision.object_id]
        changed.append(revision)
    revisions.bulk_update(changed, ["number"], batch_size=BATCH)


class Migration(migrations.Migration):
    dependencies = [("publishing", "0005_number_of_a_version")]

    operations = [migrations.RunPython(number_versions, migrations.RunPython.noop, elidable=True)]
