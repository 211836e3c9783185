from django.core.signing import BadSignature
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_safe

from publishing.models import SHARED_FOR, Revision, signer
from publishing.revisions.merge import merge_with_live
from publishing.revisions.preview import preview_frame
from publishing.revisions.record import record_live
from publishing.revisions.snapshot import as_if, live_object, take


@require_safe
def shared_draft(request, token):
    """A draft as its page would be, for whoever was given its signed address; 404 once that has expired.

    What it was kept as since is shown in its place; once it is live, the address leads to the page itself.
    """
    try:
        pk = signer.unsign(token, max_age=SHARED_FOR)
    except BadSignature as error:
        raise Http404 from error
    draft = get_object_or_404(Revision, pk=pk).latest
    page = live_object(draft.data)
    if draft.applied_at and getattr(page, "is_live", page is not None):
        return redirect(page)
    if not draft.is_draft:
        raise Http404
    with as_if():
        live = record_live(draft.model, draft.object_id)
        data, _ = merge_with_live(draft, live)
        with as_if(data):
            return preview_frame(request, take(live_object(data)))
