from django.apps import AppConfig
from django.db.models.signals import pre_save


class AddressesConfig(AppConfig):
    name = "addresses"

    def ready(self) -> None:
        from django.contrib.redirects.models import Redirect

        from addresses.redirects import spell_old_path

        pre_save.connect(spell_old_path, sender=Redirect)
