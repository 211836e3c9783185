"""What a server needs around the site: systemd's units, nginx's site, and `make update`, which exchanges releases."""
