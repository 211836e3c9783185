from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.contrib.auth.apps import AuthConfig
from django.core.checks import register
from django.db.models.signals import post_migrate

from clinic_site.roles import apply_roles


class ClinicSiteConfig(AppConfig):
    name = "clinic_site"

    def ready(self) -> None:
        from clinic_site.checks import check_env_file, check_server  # needs the settings of the database

        post_migrate.connect(apply_roles)
        register(check_env_file)
        register(check_server, deploy=True)


class PeopleConfig(AuthConfig):
    verbose_name = "People"  # Django's name is long for staff


class ClinicAdminConfig(AdminConfig):
    default_site = "clinic_site.admin_site.ClinicAdminSite"
