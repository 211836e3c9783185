from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.db.models.signals import post_migrate

from clinic_site.roles import apply_roles


class ClinicSiteConfig(AppConfig):
    name = "clinic_site"

    def ready(self):
        post_migrate.connect(apply_roles)


class ClinicAdminConfig(AdminConfig):
    default_site = "clinic_site.admin_site.ClinicAdminSite"
