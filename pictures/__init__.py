"""The life of a picture.

An upload (`uploads.py`) is decoded before anything else happens: it must be an image of a known format and size, and
only its pixels are kept (`decoding.py`). They are written anew as renditions, in a few widths and two formats
(`formats.py`). A process of its own does both (`encoding.py`, `child.py`), bounded in memory and time, one at a time.
Saving the model (`fields.py`, `models.py`) stores the renditions (`files.py`), named by a hash of their content, so
that they can be cached for ever. A template shows a picture with `{% picture %}` (`templatetags/`), and `views.py`
serves its renditions and nothing else. When a picture is replaced or deleted, its renditions are deleted once the
transaction commits; what a crash left goes with a later one, and so does what a backup had to read (`holds.py`). A
picture that a service or page uses cannot be deleted. `admin.py` lists where each one is used.
"""
