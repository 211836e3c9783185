"""The README's two commands on machines that have nothing yet."""


def test_root_serves_where_no_home_is_named_and_files_are_private(machines):
    assert machines["bookworm"].serves("root", umask="077") == 200


def test_user_serves_and_tests_where_the_home_cannot_be_written(machines):
    machine, options = machines["bookworm"], {"HOME": "/usr", "LANG": "C"}
    assert machine.serves("developer", **options) == 200
    status, printed = machine.tests("developer", "-n 2 tests/pages tests/clinic_site/test_prepare.py", **options)
    assert (status, " passed in " in printed) == (0, True), printed


def test_user_serves_and_finds_the_tests_on_the_next_debian(machines):
    assert machines["trixie"].serves("developer") == 200
    status, printed = machines["trixie"].tests("developer", "--collect-only")
    assert (status, " tests collected in " in printed) == (0, True), printed
