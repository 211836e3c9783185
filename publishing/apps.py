from django.apps import AppConfig, apps


class PublishingConfig(AppConfig):
    name = "publishing"

    def ready(self) -> None:
        from publishing.models import connect_rules

        connect_rules(apps.get_models())
