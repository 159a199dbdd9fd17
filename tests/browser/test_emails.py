"""Every e-mail in a browser, as a phone shows it: readable in both colour schemes, and it asks nobody for anything."""

from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from services.notify.emails.letter import Sampling
from services.notify.emails.preview import write_previews
from tests.support.notify_business import composer
from tests.support.notify_events import EXPIRES_AT

TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def test_every_e_mail_fits_a_phone_is_readable_light_and_dark_and_asks_no_other_host(chromium: Browser, tmp_path: Path):
    previews = write_previews(tmp_path, composer(), Sampling(currency="USD", now=EXPIRES_AT))
    faults: list[object] = []
    context = chromium.new_context(viewport={"width": 360, "height": 740})
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for preview in previews:
        page.goto((tmp_path / f"{preview.kind}.html").as_uri())
        backgrounds = set()
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            backgrounds.add(page.evaluate("getComputedStyle(document.body).backgroundColor"))
            found = Axe().run(page, options={"runOnly": ["color-contrast"], "resultTypes": ["violations"]}).response
            faults += [
                (preview.kind, scheme, node["html"][:160]) for each in found["violations"] for node in each["nodes"]
            ]
            if page.evaluate(TOO_WIDE) > 0:
                faults.append((preview.kind, scheme, "is wider than the phone"))
        # A scheme that changes nothing would have been looked at twice.
        assert len(backgrounds) == 2, preview.kind
    context.close()
    assert len(previews) >= 20
    assert faults == []
    assert [url for url in asked if not url.startswith("file:")] == []
