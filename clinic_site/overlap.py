"""What a newer release does to the database while the older one still serves from it."""

from collections.abc import Iterator

from django.db import connection
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import (
    AddField,
    AddIndex,
    AlterField,
    AlterModelManagers,
    AlterModelOptions,
    CreateModel,
    SeparateDatabaseAndState,
)
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.models import Field

# An older release reads and writes on after these, and each can be undone. AddConstraint may forbid what it writes, and
# of code (RunPython, RunSQL) nobody knows.
ADDING = (AddIndex, AlterModelManagers, AlterModelOptions, CreateModel)


def to_migrate() -> tuple[MigrationLoader, list[Migration]]:
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return executor.loader, [migration for migration, _ in plan]


def places(loader: MigrationLoader, plan: list[Migration]) -> dict[str, str]:
    """Return {app: its last applied migration, or zero} of the apps in the plan."""
    applied = {label: max(name for app, name in loader.applied_migrations if app == label) for label in known(loader)}
    return {migration.app_label: applied.get(migration.app_label, "zero") for migration in reversed(plan)}


def known(loader: MigrationLoader) -> set[str]:
    """Return the apps that the database has."""
    return {label for label, _ in loader.applied_migrations}


def disturbing(loader: MigrationLoader, plan: list[Migration]) -> Iterator[str]:
    """Name the operations that an older release cannot live with, or that cannot be undone."""
    state = loader.project_state([key for key in loader.applied_migrations if key in loader.graph.nodes])
    of_older_release = known(loader)
    for migration in plan:
        label = migration.app_label
        for operation in migration.operations:
            if label in of_older_release and not is_adding(operation, label, state):
                yield f"{label}.{migration.name}: {operation.describe()}"
            operation.state_forwards(label, state)


def is_adding(operation: Operation, label: str, state: ProjectState) -> bool:
    if isinstance(operation, SeparateDatabaseAndState):
        return all(is_adding(part, label, state) for part in operation.database_operations)
    if isinstance(operation, AddField):
        field = operation.field
        return field.null or bool(field.many_to_many) or field.has_db_default()
    if isinstance(operation, AlterField):
        before = state.models[label, operation.model_name_lower].fields[operation.name]
        return column(before) == column(operation.field)
    return isinstance(operation, ADDING)


def column(field: "Field[object, object]") -> tuple[object, ...]:
    """Return what of the field the database knows."""
    _, path, args, options = field.deconstruct()
    return path, args, {name: value for name, value in options.items() if name not in field.non_db_attrs}
