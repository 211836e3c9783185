from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("publishing.revisions.urls")),
    path("", include("pictures.urls")),
    path("", include("pages.urls")),
]

handler500 = "clinic_site.faults.server_error"
