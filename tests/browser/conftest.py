import os
import shutil

import pytest

# Playwright's synchronous API runs an event loop of its own; Django takes that for an asynchronous caller.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
NAMES = ("chromium", "chromium-browser", "google-chrome")
# Tells a violation in the console, where `staff` hears it, so that it outlives the page.
TELL = "document.addEventListener('securitypolicyviolation', e => console.error('Policy: ' + e.violatedDirective))"


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


@pytest.fixture
def visitor(page, full_site):
    """A browser whose console, errors and violations of the policy fail the test."""
    heard: list[str] = []
    page.add_init_script(TELL)
    page.on("console", lambda message: heard.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: heard.append(str(error)))
    yield page
    assert heard == []


@pytest.fixture
def staff(visitor, context, live_server, manager_client):
    """The same, logged in, with paths instead of addresses."""
    session = manager_client.cookies["session"].value
    context.add_cookies([{"name": "session", "value": session, "url": live_server.url}])
    return visitor


@pytest.fixture
def visit(staff, live_server):
    def go(path):
        response = staff.goto(live_server.url + path)
        assert response.status == 200, path
        staff.evaluate("document.fonts.ready.then(() => new Promise(requestAnimationFrame))")
        return staff

    return go
