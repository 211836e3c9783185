"""The clinic as a vCard 3.0, RFC 2426."""

from phonenumber_field.phonenumber import PhoneNumber

from pages.models import Clinic

LINE_OCTETS = 75


def escape(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    for character, escaped in (("\\", "\\\\"), ("\n", "\\n"), (",", "\\,"), (";", "\\;")):
        text = text.replace(character, escaped)
    return text


def fold(line: str) -> str:
    physical_lines, octets = [""], 0
    for character in line:
        size = len(character.encode())
        if octets + size > LINE_OCTETS:
            physical_lines.append(" ")
            octets = 1
        physical_lines[-1] += character
        octets += size
    return "\r\n".join(physical_lines)


def number_of(phone: PhoneNumber | None) -> str:
    """Return the number as telephones dial it; with an extension as people read it, for vCard 3.0 knows none."""
    if not phone:
        return ""
    text: str = phone.as_international if phone.extension else phone.as_e164
    return text


def vcard(clinic: Clinic, url: str) -> str:
    place = ";".join(escape(part) for part in (clinic.street, clinic.city, clinic.state, clinic.postal_code))
    fields = [
        ("N", f"{escape(clinic.name)};;;;"),
        ("FN", escape(clinic.name)),
        ("ORG", escape(clinic.name)),
        ("TEL;TYPE=work,voice", number_of(clinic.phone)),
        ("TEL;TYPE=work,fax", number_of(clinic.fax)),
        ("EMAIL;TYPE=internet", escape(clinic.email)),
        ("ADR;TYPE=work", clinic.address and f";;{place};"),
        ("URL", url),
    ]
    lines = ["BEGIN:VCARD", "VERSION:3.0", *(f"{name}:{value}" for name, value in fields if value), "END:VCARD"]
    return "".join(f"{fold(line)}\r\n" for line in lines)
