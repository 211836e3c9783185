from django.urls import path

from publishing.revisions.views import shared_draft

urlpatterns = [path("draft/<str:token>/", shared_draft, name="shared_draft")]
