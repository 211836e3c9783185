from typing import Any

from django import forms
from django.contrib.redirects.models import Redirect
from django.core.exceptions import ValidationError

from addresses.pasted import MOST_BYTES, MOST_LINES, Line, decoded, lines_of
from addresses.plan import Plan, planned
from addresses.redirects import stored_redirects

TAKEN = "This old address is already redirected. Change that redirect instead."
TOO_LARGE = f"That is more than {MOST_BYTES // 1_000_000} MB. Divide the list."


class RedirectForm(forms.ModelForm):
    # Without a bound of their own: the browser would cut what is pasted.
    old_path = forms.CharField(
        label="Old address",
        help_text="Without the site's name, such as /old-page/ or /?page_id=12. Capitals and the slash at the end do "
        "not matter.",
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )
    new_path = forms.CharField(
        label="New address",
        help_text="Such as /services/, or an address elsewhere with its https://. Empty: the page is gone.",
        required=False,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )
    plan: Plan | None = None

    class Meta:
        model = Redirect
        fields = ["old_path", "new_path"]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if "old_path" not in data or "new_path" not in data:
            return data
        self.stored = stored_redirects()
        known = {key: row.new_path for key, row in self.stored.items() if row.pk != self.instance.pk}
        plan = planned([Line(1, "", data["old_path"], data["new_path"])], known)
        [change] = plan.changes
        if change.fault:
            self.add_error(change.fault[0], change.fault[1])
        elif change.before is not None:
            self.add_error("old_path", TAKEN)
        else:
            self.plan = plan
            data |= {"old_path": str(change.old), "new_path": change.new}
        return data


class ManyForm(forms.Form):
    text = forms.CharField(
        label="Old and new addresses, one pair a line",
        help_text="With a comma, a semicolon or a tab between, such as: /old-page/, /services/",
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 12, "class": "vLargeTextField pasted", "spellcheck": "false"}),
    )
    file = forms.FileField(
        label="Or a file (CSV)",
        help_text=f"As Excel and others save it. At most {MOST_LINES:,} lines and {MOST_BYTES // 1_000_000} MB.",
        required=False,
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,text/csv,text/plain"}),
    )

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"].replace("\r\n", "\n")
        if len(text.encode()) > MOST_BYTES:
            raise ValidationError(TOO_LARGE)
        return text

    def clean_file(self) -> str:
        file = self.cleaned_data["file"]
        if not file:
            return ""
        if file.size > MOST_BYTES:
            raise ValidationError(TOO_LARGE)
        return decoded(file.read())

    def clean(self) -> dict[str, Any]:
        """Put the file below what was pasted, so that neither is lost."""
        data: dict[str, Any] = super().clean() or {}
        if self.errors:
            return data
        data["text"] = "\n".join(part for part in (data["text"], data["file"]) if part.strip())
        data["lines"] = lines_of(data["text"])
        if not data["lines"]:
            raise ValidationError("Paste a list or choose a file.")
        return data
