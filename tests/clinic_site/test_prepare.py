from clinic_site.management.commands import prepare


def test_checks_wait_for_the_folder_of_the_database(db, settings, tmp_path, monkeypatch):
    settings.DATA_DIR = tmp_path / "data"
    found = []
    monkeypatch.setattr(prepare, "call_command", lambda *args, **options: None)
    monkeypatch.setattr(prepare.Command, "check", lambda self, **options: found.append(settings.DATA_DIR.exists()))
    prepare.Command().execute(force_color=False, no_color=True, skip_checks=False, verbosity=0)
    assert found == [True]
