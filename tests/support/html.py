"""Whether a page of HTML is whole, as far as a browser or a mail program would otherwise have to guess."""

from html.parser import HTMLParser

_VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"})
_NOT_IN_A_PARAGRAPH = frozenset({"p", "div", "table", "ul", "ol", "h1", "h2", "h3", "form", "section"})
_PARENTS = {"tr": {"table", "tbody", "thead", "tfoot"}, "td": {"tr"}, "th": {"tr"}, "li": {"ul", "ol"}}


def faults_of(page: str) -> list[str]:
    """What is wrong: tags that do not close or nest, attributes and ids that come twice, an unfinished doctype."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    if not page.lstrip().lower().startswith("<!doctype html>"):
        reader.faults.append("no doctype")
    return [*reader.faults, *(f"<{tag}> is never closed" for tag in reader.open)]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.faults: list[str] = []
        self._ids: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        if len(set(names)) < len(names):
            self.faults.append(f"<{tag}> has an attribute twice: {names}")
        for name, value in attrs:
            if name == "id" and value is not None:
                if value in self._ids:
                    self.faults.append(f"the id {value} comes twice")
                self._ids.add(value)
        if tag in _NOT_IN_A_PARAGRAPH and "p" in self.open:
            self.faults.append(f"<{tag}> within <p>")
        if tag in _PARENTS and (not self.open or self.open[-1] not in _PARENTS[tag]):
            self.faults.append(f"<{tag}> within <{self.open[-1] if self.open else ''}>")
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in _VOID:
            self.faults.append(f"</{tag}>")
        elif not self.open or self.open[-1] != tag:
            self.faults.append(f"</{tag}> where <{self.open[-1] if self.open else ''}> is open")
        else:
            self.open.pop()
