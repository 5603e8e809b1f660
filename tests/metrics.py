"""Reads what the service tells of itself: one figure out of a whole exposition."""


def figure(exposition: bytes | str, name: str) -> float:
    """The value on the line that begins with this name and its labels; 0 when there is none."""
    text = exposition.decode() if isinstance(exposition, bytes) else exposition
    for line in text.splitlines():
        if line.startswith(f"{name} "):
            return float(line.rpartition(" ")[2])
    return 0.0
