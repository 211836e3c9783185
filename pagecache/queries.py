"""Queries that Django compiles once: compiling takes it longer than the database takes to answer."""

from collections.abc import Callable
from functools import cache, cached_property
from typing import Any, Generic, NamedTuple, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import DateTimeField, Field, Model, QuerySet, Value
from django.db.models.expressions import Col
from django.db.models.sql.compiler import SQLCompiler
from django.utils import timezone

M = TypeVar("M", bound=Model)


class Parameter(Value):
    """A placeholder in a prepared query for a value that each call gives under this name; `field` tells its type."""

    def __init__(self, name: str, field: "Field[Any, Any]") -> None:
        super().__init__(name, field)
        self.name = name

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, tuple[Any, ...]]:
        return "%s", (self,)

    def adapt(self, values: dict[str, object]) -> Any:
        return self.output_field.get_db_prep_value(values[self.name], connection)


NOW = Parameter("now", DateTimeField())  # each call's own moment, unless it gives another


class Prepared:
    """A queryset of which only the values of its `Parameter`s differ from one call to the next.

    `build` makes it at the first call. ValueError where it holds a value of that moment, which would stay for good.
    """

    def __init__(self, build: Callable[[], "QuerySet[Any, Any]"]) -> None:
        self.build = build

    @cached_property
    def queryset(self) -> "QuerySet[Any, Any]":
        return self.build()

    @cached_property
    def compiled(self) -> tuple[str, tuple[object, ...]]:
        sql, parameters = self.queryset.query.sql_with_params()
        if parameters != self.build().query.sql_with_params()[1]:
            raise ValueError("What changes from one call to the next must be Parameter.")
        return sql, parameters

    def bound(self, values: dict[str, object]) -> tuple[str, list[Any]]:
        values.setdefault("now", timezone.now())
        sql, parameters = self.compiled
        return sql, [one.adapt(values) if isinstance(one, Parameter) else one for one in parameters]


class PreparedQuery(Prepared, Generic[M]):
    """A prepared query for instances, also with `only`; each call asks the database once, and returns a list.

    Nothing but columns of the model's own table comes along: `select_related` and `annotate` are refused with
    ValueError.
    """

    def __init__(self, build: Callable[[], "QuerySet[M, M]"]) -> None:
        super().__init__(build)

    def __call__(self, **values: object) -> list[M]:
        with connection.cursor() as cursor:
            cursor.execute(*self.bound(values))
            model: type[M] = self.queryset.model
            reader = row_reader(model, next(zip(*cursor.description, strict=True)))
            return [reader.instance(row) for row in cursor.fetchall()]

    def first(self, **values: object) -> M | None:
        return next(iter(self(**values)), None)


class RowReader(NamedTuple, Generic[M]):
    """Makes instances of rows as the database's driver returns them.

    `converters` holds (place in the row, column, converter) for each value whose type in Python is another.
    """

    model: type[M]
    names: list[str]
    converters: list[tuple[int, Col, Callable[[object, Col, BaseDatabaseWrapper], object]]]

    def instance(self, row: tuple[object, ...]) -> M:
        values = list(row)
        for place, column, convert in self.converters:
            values[place] = convert(values[place], column, connection)
        return self.model.from_db(DEFAULT_DB_ALIAS, self.names, values)


@cache
def row_reader(model: type[M], columns: tuple[str, ...]) -> RowReader[M]:
    """Return the reader of rows with these columns; ValueError unless they are the model's, in the order of fields."""
    fields = [field for field in model._meta.concrete_fields if field.column in columns]
    if columns != tuple(field.column for field in fields):
        raise ValueError("A prepared query selects the columns of one table.")
    selected = [field.get_col(model._meta.db_table) for field in fields]
    converters = [
        (place, column, convert)
        for place, column in enumerate(selected)
        for convert in connection.ops.get_db_converters(column) + column.get_db_converters(connection)
    ]
    return RowReader(model, [field.attname for field in fields], converters)


class PreparedRows(Prepared):
    """A prepared query for tuples, as of a `values_list`, with values as the database's driver returns them."""

    def __call__(self, **values: object) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(*self.bound(values))
            rows: list[tuple[Any, ...]] = cursor.fetchall()
            return rows

    def first(self, **values: object) -> tuple[Any, ...] | None:
        return next(iter(self(**values)), None)
