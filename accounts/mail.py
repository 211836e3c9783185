import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import BoundedSemaphore

from django.core.mail import EmailMessage

log = logging.getLogger(__name__)
MOST_WAITING = 20
MOST_SECONDS = 5

sender = ThreadPoolExecutor(1, "mail")
room = BoundedSemaphore(MOST_WAITING)


def send(message: EmailMessage) -> bool:
    """Send an e-mail; return False, with a line in the log that names nobody, where that is impossible."""
    try:
        message.send()
    except (OSError, ValueError) as error:  # smtplib's own errors are OSErrors; an address may be none
        log.error("An e-mail could not be sent: %s", type(error).__name__)
        return False
    return True


def send_now(message: EmailMessage) -> bool | None:
    """Send an e-mail; return None where that is not known within MOST_SECONDS, in which it stays in the queue."""
    sending = sender.submit(send, message)
    try:
        return sending.result(MOST_SECONDS)
    except TimeoutError:
        return None


def send_later(make: Callable[[], EmailMessage]) -> None:
    """Make and send an e-mail after the answer, whose time so does not tell whether there was one to send."""
    if room.acquire(blocking=False):
        sender.submit(lambda: send(make())).add_done_callback(lambda done: room.release())
    else:
        log.error("An e-mail could not be sent: %s", "too many wait")
