"""The project: settings, addresses, the admin site and the commands; nothing imports this package.

`settings.py` reads every value that differs between machines from the environment. `wsgi.py` builds the application:
the page cache of `front.py` before Django, all loaded at once by `preload.py`. A request that the cache does not answer
goes through `MIDDLEWARE` to `urls.py`: the admin, pictures and the public pages of `pages`. `admin_site.py` and
`home.py` are the staff's admin and its index, `roles.py` what each role may do.
`storage.py` joins and minifies the style sheet when static files are collected, and `stylesheet.py` inlines it.
`faults.py` answers errors. Commands: `prepare` before each start, `tick` for what is due, `runserver`; `serving.py`
checks what gunicorn and `runserver` may serve.
"""
