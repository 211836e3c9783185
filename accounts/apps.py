from django.apps import AppConfig
from django.contrib.auth.apps import AuthConfig
from django.contrib.auth.signals import user_logged_in, user_login_failed
from django.db.models.signals import post_migrate

from accounts.roles import apply_roles


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "Changes"  # the only list of this app is that of who changed what

    def ready(self) -> None:
        from accounts.guesses import log_failure
        from accounts.sessions import begin

        post_migrate.connect(apply_roles)
        user_logged_in.connect(begin)
        user_login_failed.connect(log_failure)


class PeopleConfig(AuthConfig):
    verbose_name = "People"  # Django's name is long for staff
