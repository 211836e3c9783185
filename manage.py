#!/usr/bin/env python3
"""Django's command line for this project."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic_site.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line
    from django.db import DatabaseError

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(f"Configuration: {error}")
    except DatabaseError as error:
        from clinic_site.management.commands.prepare import fault_in_one_line

        if not (line := fault_in_one_line(error)):
            raise
        sys.exit(line)


if __name__ == "__main__":
    main()
