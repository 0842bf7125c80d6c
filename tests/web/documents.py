"""A page as its readers take it in: elements, visible text, attributes."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "input", "br", "link", "path", "circle", "img"}
HIDDEN = {"style", "title", "script", "svg"}


@dataclass
class Element:
    """One element with its attributes and the text directly inside it."""

    tag: str
    attributes: dict[str, str | None]
    text: str = ""
    inside: list[str] = field(default_factory=list)


class Document(HTMLParser):
    """A parsed page; elements that are not closed are an error."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[Element] = []
        self._open: list[Element] = []
        self.feed(text)
        self.close()
        assert self._open == [], [element.tag for element in self._open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, dict(attrs), inside=[one.tag for one in self._open])
        self.elements.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(Element(tag, dict(attrs), inside=[one.tag for one in self._open]))

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:  # a browser writes </path>
            return
        assert self._open, f"</{tag}> closes nothing"
        assert self._open[-1].tag == tag, f"</{tag}> closes <{self._open[-1].tag}>"
        self._open.pop()

    def handle_data(self, data: str) -> None:
        for element in self._open:
            if not HIDDEN & {one.tag for one in self._open}:
                element.text += data

    def all(self, tag: str) -> list[Element]:
        """Return the elements called *tag*."""
        return [element for element in self.elements if element.tag == tag]

    @property
    def text(self) -> str:
        """The visible text."""
        return " ".join(self.all("body")[0].text.split())
