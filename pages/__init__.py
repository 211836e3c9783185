"""How a public page is made.

`urls.py` maps the address to a function of `views.py`. All of them are wrapped by `public`, which lets the page cache
keep the response until content changes. A view reads its rows, mostly with the prepared queries of `queries.py`, and
renders a template below `templates/pages/` that shows only what the view passed; header and footer come from the
context processor in `context.py`. `sections.py` decides which sections a service's page has, `hours.py` whether the
clinic is open. Sitemap and vCard are made from the same rows (`sitemaps.py`, `vcard.py`). `models.py` holds what is of
the site as a whole: the clinic with its hours, and pages of free text; `fixtures/` has the clinic's first content.
"""
