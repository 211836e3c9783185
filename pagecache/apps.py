from django.apps import AppConfig
from django.core.checks import Tags, register
from django.db.models.signals import post_migrate


class PageCacheConfig(AppConfig):
    name = "pagecache"

    def ready(self) -> None:
        from pagecache.checks import check_declarations, check_triggers
        from pagecache.triggers import create_triggers

        post_migrate.connect(create_triggers, sender=self)
        register(check_triggers, Tags.database)
        register(check_declarations, Tags.models)
