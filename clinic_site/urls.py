from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", include("accounts.urls")),
    path("admin/", admin.site.urls),
    path("", include("publishing.revisions.urls")),
    path("", include("pictures.urls")),
    path("", include("pages.urls")),
]

handler400 = "clinic_site.faults.bad_request"
handler403 = "clinic_site.faults.permission_denied"
handler404 = "clinic_site.faults.page_not_found"
handler500 = "clinic_site.faults.server_error"
