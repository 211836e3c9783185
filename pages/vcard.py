"""The clinic as an address book entry: vCard 3.0, RFC 2426."""

LINE_OCTETS = 75


def escaped(text):
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    for character, written in (("\\", "\\\\"), ("\n", "\\n"), (",", "\\,"), (";", "\\;")):
        text = text.replace(character, written)
    return text


def folded(line):
    """The line in pieces of at most 75 octets; each further piece begins with a space."""
    pieces, octets = [""], 0
    for character in line:
        size = len(character.encode())
        if octets + size > LINE_OCTETS:
            pieces.append(" ")
            octets = 1
        pieces[-1] += character
        octets += size
    return "\r\n".join(pieces)


def vcard(clinic, url):
    """The entry as text, with CRLF line ends."""
    place = ";".join(escaped(part) for part in (clinic.street, clinic.city, clinic.state, clinic.postal_code))
    fields = [
        ("N", f"{escaped(clinic.name)};;;;"),
        ("FN", escaped(clinic.name)),
        ("ORG", escaped(clinic.name)),
        ("TEL;TYPE=work,voice", clinic.phone and clinic.phone.as_e164),
        ("TEL;TYPE=work,fax", clinic.fax and clinic.fax.as_e164),
        ("EMAIL;TYPE=internet", escaped(clinic.email)),
        ("ADR;TYPE=work", clinic.address and f";;{place};"),
        ("URL", url),
    ]
    lines = ["BEGIN:VCARD", "VERSION:3.0", *(f"{name}:{value}" for name, value in fields if value), "END:VCARD"]
    return "".join(f"{folded(line)}\r\n" for line in lines)
