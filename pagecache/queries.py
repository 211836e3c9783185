"""Queries whose SQL is written once: that takes Django longer than it takes the database to answer."""

from functools import cached_property
from threading import local

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import DateTimeField, Value
from django.db.models.query import ModelIterable, get_related_populators
from django.utils import timezone


class Parameter(Value):
    """The place in a written query of a value that each call gives under this name; `field` tells its kind."""

    def __init__(self, name, field):
        super().__init__(name, field)

    def as_sql(self, compiler, connection):
        return "%s", [self]

    def of(self, given):
        return self.output_field.get_db_prep_value(given[self.value], connection)


NOW = Parameter("now", DateTimeField())  # given by itself


class PreparedQuery(local):
    """A queryset that only the values of its `Parameter` tell from one call to the next.

    `build` makes it on the first call of each thread, whose connection it belongs to. Each call asks the database once
    and returns a list of what the queryset would yield: instances, also with `only` and `select_related`, or the tuples
    of a `values_list`. ValueError where the queryset holds a value of the moment, which would stay as it is for good.
    """

    def __init__(self, build):
        self.build = build

    def __call__(self, **given):
        given.setdefault("now", timezone.now())
        sql, parameters, converted, made = self.written
        with connection.cursor() as cursor:
            cursor.execute(sql, [one.of(given) if isinstance(one, Parameter) else one for one in parameters])
            rows = cursor.fetchall()
        return [made(row) for row in converted(rows)]

    def first(self, **given):
        """The first of them, or None."""
        return next(iter(self(**given)), None)

    @cached_property
    def written(self):
        """(SQL, parameters, what converts rows to Python's types, what makes a result of one)."""
        queryset = self.build()
        compiler = queryset.query.get_compiler(DEFAULT_DB_ALIAS)
        sql, parameters = compiler.as_sql()
        if parameters != self.build().query.get_compiler(DEFAULT_DB_ALIAS).as_sql()[1]:
            raise ValueError("What changes from one call to the next must be Parameter.")
        converters = compiler.get_converters([column for column, *_ in compiler.select[: compiler.col_count]])
        is_of_instances = issubclass(queryset._iterable_class, ModelIterable)
        made = instances(compiler.klass_info, compiler.select) if is_of_instances else tuple
        return sql, parameters, lambda rows: compiler.apply_converters(rows, converters), made


def instances(klass_info, select):
    """A function that makes an instance of a row, as ModelIterable does."""
    model, columns = klass_info["model"], klass_info["select_fields"]
    names = [select[column][0].target.attname for column in columns]
    populators = get_related_populators(klass_info, select, DEFAULT_DB_ALIAS)

    def instance(row):
        made = model.from_db(DEFAULT_DB_ALIAS, names, row[columns[0] : columns[-1] + 1])
        for populator in populators:
            populator.populate(row, made)
        return made

    return instance
