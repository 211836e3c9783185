from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.core.checks import register


class ClinicSiteConfig(AppConfig):
    name = "clinic_site"

    def ready(self) -> None:
        from clinic_site.checks import check_env_file, check_server  # needs the settings of the database

        register(check_env_file)
        register(check_server, deploy=True)


class ClinicAdminConfig(AdminConfig):
    default_site = "clinic_site.admin_site.ClinicAdminSite"
