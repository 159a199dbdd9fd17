"""An e-mail's HTML as its reader sees it."""

from bs4 import BeautifulSoup


def visible_text(html: str) -> str:
    """The words of a page in their order, without those that are hidden."""
    soup = BeautifulSoup(html, "html.parser")
    for hidden in soup.select("style, title, [style*='display:none']"):
        hidden.decompose()
    return soup.get_text(" ", strip=True)
