from django.apps import AppConfig
from django.core.checks import Tags, register
from django.db.models.signals import post_migrate


class PageCacheConfig(AppConfig):
    name = "pagecache"

    def ready(self):
        from pagecache.triggers import check_triggers, make_triggers

        post_migrate.connect(make_triggers, sender=self)
        register(check_triggers, Tags.database)
