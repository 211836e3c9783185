from django.apps import AppConfig
from django.core.checks import Tags, register
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate


class PageCacheConfig(AppConfig):
    name = "pagecache"

    def ready(self) -> None:
        from pagecache.checks import check_declarations, check_triggers
        from pagecache.locks import set_wait
        from pagecache.triggers import create_triggers

        post_migrate.connect(create_triggers, sender=self)
        connection_created.connect(set_wait)
        register(check_triggers, Tags.database)
        register(check_declarations, Tags.models)
