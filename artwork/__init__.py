"""The drawings of the site: `python -m artwork` writes them all into static/img."""
