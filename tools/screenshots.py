"""Takes the README's pictures, and makes the sign-up guide for customers: `make screenshots`.

The pictures are of the demo as it is today. The guide shows the business of the environment (PORCHLIGHT_BUSINESS_NAME
and the others of .env.example, PORCHLIGHT_ACCENT_COLOR), and Green Acres without one.
"""

import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from porchlight.demo_data.people import VISITOR
from porchlight.demo_data.visiting import PASSWORD
from porchlight.private_servers import find_chromium
from tools.running_demo import ROOT, Demo, running_demo
from tools.sign_up_guide import make_guide

IMAGES = ROOT / "docs" / "images"
GUIDE = ROOT / "build" / "sign-up-guide"

PHONE, DESKTOP = {"width": 360, "height": 760}, {"width": 1280, "height": 860}
# Of the README: what is opened, how wide, in which colours.
PICTURES = {
    "dashboard": ("/", DESKTOP, "light"),
    "billing-info": ("/billing-info", DESKTOP, "light"),
    "statement": ("/statement", DESKTOP, "light"),
    "phone": ("/", PHONE, "dark"),
}
SHARPNESS = 1.5
QUIET = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync")


def main() -> int:
    """Take all of them; 1 without a browser."""
    chromium = find_chromium()
    if chromium is None:
        print("Chromium is missing: apt-get install chromium", file=sys.stderr)
        return 1
    with running_demo() as demo, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(chromium), args=QUIET)
        IMAGES.mkdir(parents=True, exist_ok=True)
        for name in PICTURES:
            print(_picture(browser, demo, name).relative_to(ROOT))
        for file in make_guide(browser, demo, GUIDE):
            print(file.relative_to(ROOT))
        browser.close()
    return 0


def _picture(browser: Browser, demo: Demo, name: str) -> Path:
    path, size, scheme = PICTURES[name]
    page = browser.new_page(
        viewport=size,  # type: ignore[arg-type]
        device_scale_factor=SHARPNESS,
        color_scheme=scheme,  # type: ignore[arg-type]
    )
    _log_in(page, demo)
    page.goto(demo.portal_url + path)
    page.wait_for_load_state("networkidle")
    file = IMAGES / f"{name}.png"
    page.screenshot(path=file)
    page.context.close()
    return file


def _log_in(page: Page, demo: Demo) -> None:
    page.goto(f"{demo.portal_url}/login")
    page.get_by_label("E-mail address").fill(VISITOR.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(f"{demo.portal_url}/")


if __name__ == "__main__":
    sys.exit(main())
