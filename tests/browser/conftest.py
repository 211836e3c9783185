import os
import shutil

import pytest

# Playwright's synchronous API runs an event loop of its own; Django takes that for an asynchronous caller.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
NAMES = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    executable = next(filter(None, map(shutil.which, NAMES)), None)
    assert executable, "The browser tests need Chromium: apt-get install chromium"
    return browser_type_launch_args | {
        "executable_path": executable,
        "args": [
            "--no-sandbox",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-first-run",
        ],
    }


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args):
    """Without motion, so that no test looks at a page half way."""
    return browser_context_args | {"reduced_motion": "reduce"}
