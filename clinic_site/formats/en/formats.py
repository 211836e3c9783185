"""How staff read and type times: with their zone, and also as "6:30 PM". Django reads formats only from such a file."""

DATETIME_FORMAT = "M j, Y, P T"
TIME_INPUT_FORMATS = ["%H:%M", "%H:%M:%S", "%I:%M %p", "%I %p"]
