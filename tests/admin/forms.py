"""Fill in the staff's forms as a browser does."""

import re
from html.parser import HTMLParser


class Fields(HTMLParser):
    """The names and values that a page's fields would send; `data` is ready for `client.post`."""

    def __init__(self, html):
        super().__init__()
        self.data: dict = {}
        self.select = self.textarea = None
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        name, value = attrs.get("name"), attrs.get("value") or ""
        if tag == "select":
            self.select = name
        elif tag == "option" and "selected" in attrs and self.select:
            self.data[self.select] = value
        elif tag == "textarea":
            self.textarea, self.data[name] = name, ""
        elif tag == "input" and name and attrs.get("type") not in ("submit", "button"):
            self.take(name, value, attrs)

    def take(self, name, value, attrs):
        if attrs.get("type") != "checkbox":
            self.data[name] = value
        elif "checked" in attrs:
            self.data.setdefault(name, []).append(attrs.get("value", "on"))

    def handle_data(self, data):
        if self.textarea:
            self.data[self.textarea] += data

    def handle_endtag(self, tag):
        if tag == "textarea":
            text = re.sub(r"\r\n?", "\n", self.data[self.textarea]).removeprefix("\n")
            self.data[self.textarea] = text.replace("\n", "\r\n")
            self.textarea = None
        elif tag == "select":
            self.select = None


def filled(client, url, **changes):
    """What the form at `url` sends when only `changes` are typed into it."""
    response = client.get(url)
    assert response.status_code == 200
    return Fields(response.content.decode()).data | changes


def add_row(data, prefix, **values):
    """Fill in one more row of an inline, as after a click on "Add another"."""
    number = int(data[f"{prefix}-TOTAL_FORMS"])
    data[f"{prefix}-TOTAL_FORMS"] = str(number + 1)
    data |= {f"{prefix}-{number}-{name}": value for name, value in values.items()}
    return f"{prefix}-{number}"


def errors(response):
    """The errors of a refused form, by the full name of the field that each stands beside."""
    assert response.status_code == 200, "the form was accepted"
    told = dict(response.context["adminform"].form.errors)
    for inline in response.context["inline_admin_formsets"]:
        for form in inline.formset.forms:
            told |= {form.add_prefix(name): texts for name, texts in form.errors.items()}
        if inline.formset.non_form_errors():
            told[inline.formset.prefix] = inline.formset.non_form_errors()
    return {name: list(texts) for name, texts in told.items()}
