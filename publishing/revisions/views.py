from django.core.signing import BadSignature
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_safe

from publishing.models import SHARED_FOR, Revision, signer
from publishing.revisions.merge import merge_with_current
from publishing.revisions.preview import address_of, preview
from publishing.revisions.snapshot import take


@require_safe
def shared_draft(request: HttpRequest, token: str) -> HttpResponseBase:
    """Show a draft as its page would be to whoever has its signed address; 404 once that has expired.

    Shows the draft that replaced it, if any, and nothing else that is not public; redirects to the page once that is
    live.
    """
    try:
        pk: str = signer.unsign(token, max_age=SHARED_FOR)
    except BadSignature as error:
        raise Http404 from error
    draft = get_object_or_404(Revision, pk=pk).latest
    if draft.model is None:  # its kind of content is gone
        raise Http404
    page = draft.model._base_manager.filter(pk=draft.object_id).first()
    if draft.applied_at and page and getattr(page, "is_live", True):
        return redirect(address_of(page))
    if not draft.is_draft:
        raise Http404
    data, _ = merge_with_current(draft, take(page) if page else None)
    return preview(request, data, is_shared=True)
