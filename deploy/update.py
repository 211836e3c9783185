"""Put a newer release in the place of the one that serves: `make update`. Needs Python, git and setpriv.

    /srv/clinic/repository/          the clone that releases are made from
    /srv/clinic/releases/<version>/  a release, with its environment and its gathered files
    /srv/clinic/current              the link to the release that serves
    /srv/clinic/.env                 the settings of all of them

Each step that changes something says at once how it is undone; a fault undoes what was done, the last step first.
"""

import fcntl
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from deploy.commands import Refused, clean_environment, manage, python, run, told
from deploy.handover import START, hand_over, pid, rehearse, serve_again

GOOD_WITH_FAULTS = 3  # the status of a backup that is good, while its second copy failed or the site has lost a picture
KEPT = 3  # releases, with the one that serves
# What a release needs besides, by the setting that asks for it.
EXTRAS = {"DATABASE_URL": "postgres", "MEDIA_STORE": "s3"}


def repository(folder: Path) -> Path:
    """The clone that the folder belongs to."""
    if folder.stat().st_uid != os.getuid():  # git would not read it either
        raise Refused(f"Run it as the user of the site: runuser -u {folder.owner()} -- make update")
    if not shutil.which("git") or not (common := told("git", "rev-parse", "--git-common-dir", folder=folder)):
        raise Refused("make update needs git, and a site that came by it: README.md, Into service.")
    clone = (folder / common).resolve().parent
    if clone.name != "repository":
        raise Refused("make update is for a server that was set up by README.md, Into service. Elsewhere: git pull")
    return clone


def check_unchanged(folder: Path) -> None:
    if changed := told("git", "status", "--porcelain", "--untracked-files=no", folder=folder):
        raise Refused(f"Files were changed in {folder}, and would be lost: {', '.join(changed.split()[1::2])}")


@contextmanager
def alone(base: Path) -> Iterator[None]:
    with (base / "update.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refused("Another update is running.") from None
        yield


def newest(clone: Path, version: str) -> tuple[str, str]:
    """(commit, name) of the version, or of the newest one where none is named."""
    run("git", "fetch", "--quiet", "--tags", "--force", "origin", folder=clone)
    for name in (version, f"origin/{version}") if version else ("origin/HEAD",):
        if commit := told("git", "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}", folder=clone):
            return commit, told("git", "describe", "--tags", "--always", commit, folder=clone)
    raise Refused(f"There is no version {version or 'origin/HEAD'} in {clone}.")


def add_release(clone: Path, commit: str, name: str) -> Path:
    """The release's folder, without its environment."""
    release = clone.parent / "releases" / name.replace("/", "-")
    if release.exists():  # perhaps of another commit, and serving
        release = release.with_name(f"{release.name}-{commit[:12]}")
    remove_release(clone, release)  # what an update that was killed has left
    release.parent.mkdir(exist_ok=True)
    run("git", "worktree", "add", "--quiet", "--detach", release, commit, folder=clone)
    (release / ".env").symlink_to(clone.parent / ".env")
    return release


def remove_release(clone: Path, release: Path) -> None:
    shutil.rmtree(release, ignore_errors=True)
    run("git", "worktree", "prune", folder=clone)


def install(release: Path) -> None:
    run("make", "--no-print-directory", ".venv/run", folder=release)
    for setting, name in EXTRAS.items():
        if re.search(rf"^(export )?{setting}=.*\S", (release / ".env").read_text(), re.MULTILINE):
            lock = f"requirements/{name}.txt"
            run(release / ".venv/bin/pip", "install", "-q", "--require-hashes", "-r", lock, folder=release)


def migrations_behind(release: Path, *options: str) -> dict[str, str]:
    """{app: migration} where the database is, of what the release is to migrate."""
    command = [str(python(release)), "manage.py", "migrations_behind", *options]
    done = subprocess.run(command, cwd=release, env=clean_environment(), stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise Refused("Nothing was changed.")
    found: dict[str, str] = json.loads(done.stdout)
    return found


def knows_database(release: Path) -> bool:
    return told(python(release), "manage.py", "migrations_behind", folder=release) != ""


def migrate_back(release: Path, places: dict[str, str], older: Path | None) -> None:
    try:
        for app, migration in places.items():
            manage(release, "migrate", "--no-input", "-v0", app, migration)
        if older:
            manage(older, "prepare")
    except Refused as error:
        raise Refused(
            "The database did not go back. Bring the backup back that was made above: make restore"
        ) from error


def keep_older_files(release: Path, older: Path | None) -> None:
    """Static files that pages of the older release name, which browsers show still."""
    if not older or not (manifest := older / "build/static/staticfiles.json").exists():
        return
    for name in json.loads(manifest.read_text())["paths"].values():
        for path in (older / "build/static" / f"{name}{suffix}" for suffix in ("", ".br", ".gz")):
            copy = release / path.relative_to(older)
            if path.exists() and not copy.exists():
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(path, copy)


def switch(release: Path) -> None:
    link = release.parent.parent / "current"
    following = link.with_name("current.new")
    following.unlink(missing_ok=True)
    following.symlink_to(release.relative_to(link.parent))
    following.replace(link)
    os.utime(release)


def thin_out(clone: Path, kept: set[Path]) -> None:
    releases = sorted((clone.parent / "releases").iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
    for release in releases[KEPT:]:
        if release not in kept:
            remove_release(clone, release)


def say(what: str) -> None:
    print(what, flush=True)


def update(clone: Path, version: str) -> None:
    link = clone.parent / "current"
    older = link.resolve() if link.exists() else None
    for folder in filter(None, (clone, older)):
        check_unchanged(folder)
    commit, name = newest(clone, version)
    if older and told("git", "rev-parse", "HEAD", folder=older) == commit:
        say(f"{older.name} is in place, and there is nothing newer.")
        return
    say(f"Installing {name}.")
    try:
        with ExitStack() as undo:
            release = add_release(clone, commit, name)
            undo.callback(remove_release, clone, release)
            install(release)
            replace(release, older, undo)
            undo.pop_all()
    except (Refused, OSError) as error:
        raise Refused(f"{error} {older.name if older else 'Nothing'} is in place, as before.") from error
    thin_out(clone, {release, *filter(None, (older,))})
    say(f"{release.name} is in place.{'' if pid() else ' Nothing serves: systemctl start clinic-site'}")


def replace(release: Path, older: Path | None, undo: ExitStack) -> None:
    process = pid()
    places = migrations_behind(release, *(["--while-serving"] if process else []))
    # After an update that was killed, the older release may not know the database: then it can neither make a backup of
    # it nor prepare it, and going back is to where the database is now.
    knowing = older if older and knows_database(older) else None
    if older:
        manage(knowing or release, "backup", good=(0, GOOD_WITH_FAULTS))
    undo.callback(serve_again, process)
    undo.callback(migrate_back, release, places, knowing)
    undo.callback(say, "Going back.")
    manage(release, "prepare")
    keep_older_files(release, older)
    rehearse(release)
    if older:
        undo.callback(switch, older)
    switch(release)
    if process:
        hand_over(process)
        manage(release, "status", f"--wait={START}")


def main(arguments: list[str]) -> Any:
    os.umask(0o022)  # nginx reads the static files
    for number in (signal.SIGTERM, signal.SIGHUP):  # undo what was begun, as after Ctrl+C
        signal.signal(number, lambda *_: sys.exit("The update was ended."))
    folder = Path(__file__).resolve().parents[1]
    try:
        clone = repository(folder)
        if not (clone.parent / ".env").exists():
            raise Refused(f"The settings are missing: write {clone.parent / '.env'} as README.md tells, Into service.")
        with alone(clone.parent):
            update(clone, arguments[0] if arguments else "")
    except (Refused, OSError) as error:
        return str(error)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
