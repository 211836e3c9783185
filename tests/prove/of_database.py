"""A plugin of pytest: of the tests, only those that ask a database."""

FIXTURES = {"db", "transactional_db"}


def pytest_collection_modifyitems(config, items):
    of_database = [item for item in items if FIXTURES & set(item.fixturenames) or item.get_closest_marker("django_db")]
    config.hook.pytest_deselected(items=[item for item in items if item not in set(of_database)])
    items[:] = of_database
