from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("pagecache", "0001_content_version"), ("publishing", "0003_content_version")]

    operations = [migrations.SeparateDatabaseAndState(state_operations=[migrations.DeleteModel(name="ContentVersion")])]
