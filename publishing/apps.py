from sqlite3 import SQLITE_LIMIT_VARIABLE_NUMBER
from typing import Any

from django.apps import AppConfig, apps
from django.db.backends.signals import connection_created


class PublishingConfig(AppConfig):
    name = "publishing"

    def ready(self) -> None:
        from publishing.models import connect_rules

        connect_rules(apps.get_models())
        connection_created.connect(take_more_values)


def take_more_values(connection: Any, **kwargs: Any) -> None:
    """Let Django insert or change as many rows by one query as SQLite takes, not as old versions of it took."""
    if connection.vendor == "sqlite":
        connection.features.max_query_params = connection.connection.getlimit(SQLITE_LIMIT_VARIABLE_NUMBER)
