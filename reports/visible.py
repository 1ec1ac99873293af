"""Text from outside, made harmless: a character that would not be seen, or would do something, is shown."""


def visible(text: str) -> str:
    """Returns text of printable characters and line feeds only.

    Control characters and all else that does not print (bidirectional overrides, lone surrogates, private
    characters) become their numbers, such as \\x1b or \\u202e. The result is valid in XML and harmless on a
    terminal; it is not escaped.
    """
    return "".join(char if char.isprintable() or char == "\n" else _shown(ord(char)) for char in text)


def _shown(code: int) -> str:
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def first_line(text: str, limit: int) -> str:
    """The first line of a text, visible, cut at a number of characters."""
    line = visible(text.strip().partition("\n")[0])
    return line if len(line) <= limit else line[: limit - 1] + "…"
