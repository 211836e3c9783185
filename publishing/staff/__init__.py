"""The admin of what is stored and published.

`drafts.py` is the model admin with drafts, dates and history, `editing.py` what one request to its form is about;
`publishable.py` adds the state and date of publication. `fields.py` holds form fields, `forms.py` filters and
inlines, `searching.py` what a list's search finds, `ordering.py`
the moves in lists and forms, `recovery.py` what restores typed text after a lost connection.
"""
