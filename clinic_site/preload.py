"""Load at start what Django loads when it is first needed: by then, a newer release may lie in the same folder."""

from importlib import import_module
from pathlib import Path

from django.conf import settings
from django.core import serializers
from django.forms.renderers import get_default_renderer
from django.template import Engine, Origin, TemplateDoesNotExist, engines
from django.template.backends.django import DjangoTemplates
from django.template.loaders.cached import Loader

from pictures.files import remote_store

SUFFIXES = {".html", ".txt", ".xml"}
# A test compares them with what is loaded after each kind of request.
MODULES = (
    settings.ROOT_URLCONF,
    *settings.FORMAT_MODULE_PATH,
    "clinic_site.faults",
    "clinic_site.formats.en.formats",
    "django.conf.locale.en.formats",
    "django.conf.urls",
    "django.contrib.admin.forms",
    "django.contrib.messages.storage.cookie",
    settings.MESSAGE_STORAGE.rpartition(".")[0],
    "django.contrib.sessions.serializers",
    "django.views.csrf",
    "django.views.defaults",
    *(handler.rpartition(".")[0] for handler in settings.FILE_UPLOAD_HANDLERS),
    f"phonenumbers.data.region_{settings.PHONENUMBER_DEFAULT_REGION}",
)


def preload() -> None:
    for module in MODULES:
        import_module(module)
    serializers.get_serializer_formats()  # imports those whose library is there
    if store := remote_store():
        store.client  # noqa: B018 - reads what its library knows of S3
    for backend in (*engines.all(), getattr(get_default_renderer(), "engine", None)):
        if isinstance(backend, DjangoTemplates):
            load_templates(backend.engine)
            backend.engine.template_context_processors  # noqa: B018 - imports them


def load_templates(engine: Engine) -> None:
    """Keep all templates in memory, and look for no others."""
    for loader in engine.template_loaders:
        if not isinstance(loader, Loader):
            continue
        for name in template_names(loader):
            load_layers(loader, name)
        loader.loaders = []


def template_names(loader: Loader) -> set[str]:
    folders = [Path(folder) for folder in loader.get_dirs()]
    found = ((folder, path) for folder in folders for path in folder.rglob("*") if path.suffix in SUFFIXES)
    return {str(path.relative_to(folder)) for folder, path in found}


def load_layers(loader: Loader, name: str) -> None:
    """Load the template, and each one of the same name below it, which it may extend."""
    above: list[Origin] = []
    try:
        while True:
            above.append(loader.get_template(name, skip=above).origin)
    except TemplateDoesNotExist:
        return
