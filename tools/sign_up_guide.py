"""The five steps of signing up with pictures, for the business to send: as a page and as a PDF.

The words are those of the seed's "Instructions for Your Customers To Sign Up For The Portal"; the pictures are taken
while a customer of the demo does it.
"""

import base64
from pathlib import Path

from jinja2 import Environment, FileSystemLoader
from playwright.sync_api import Browser, Page

from porchlight.demo_data.people import PEOPLE
from porchlight.walk.outside import MailboxReader
from tools.running_demo import Demo

CUSTOMER = PEOPLE[1]
PASSWORD = "a lawn is never finished"  # noqa: S105 - of a customer who does not exist
GREEN_ACRES_PORTAL = "https://portal.greenacres.example"
SIZE = {"width": 760, "height": 620}
EMAIL_SIZE = {"width": 640, "height": 560}
SHARPNESS = 2

STEPS = (
    "Visit our website and click on the Customer Portal link, or go to the portal directly. Then click the “Sign Up” "
    "link.",
    "Enter your email address. Please make sure you use the same email address that you have provided to us.",
    "You will then receive an email that contains a link for you to set up your password. Open it.",
    "Enter your password twice and then submit.",
    "You will now be able to log in to the portal with this email and password. You can reset your password at any "
    "time by clicking the “Forgot Password” link on the login screen.",
)


def make_guide(browser: Browser, demo: Demo, folder: Path) -> list[Path]:
    """Write the pictures, `sign-up-guide.html` and `sign-up-guide.pdf`; returns the files."""
    folder.mkdir(parents=True, exist_ok=True)
    pictures = _sign_up(browser, demo, folder)
    steps = [
        {"words": words, "picture": base64.b64encode(picture.read_bytes()).decode()}
        for words, picture in zip(STEPS, pictures, strict=True)
    ]
    templates = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True)
    page_file, paper_file = folder / "sign-up-guide.html", folder / "sign-up-guide.pdf"
    html = templates.get_template("sign_up_guide.html").render(steps=steps, business=_business(demo))
    page_file.write_text(html, encoding="utf-8")
    page = browser.new_page()
    page.set_content(html)
    page.pdf(path=paper_file, format="Letter", tagged=True, print_background=True)
    page.context.close()
    return [*pictures, page_file, paper_file]


def _business(demo: Demo) -> dict[str, str]:
    named = {name.removeprefix("PORCHLIGHT_BUSINESS_").lower(): value for name, value in demo.business.items()}
    return {**named, "portal_url": _portal_address(demo), "accent": demo.business.get("PORCHLIGHT_ACCENT_COLOR", "")}


def _portal_address(demo: Demo) -> str:
    return demo.business.get("PORCHLIGHT_PORTAL_URL") or GREEN_ACRES_PORTAL


def _sign_up(browser: Browser, demo: Demo, folder: Path) -> list[Path]:
    """Sign up as a customer does, with a picture of each step."""
    page = browser.new_page(viewport=SIZE, device_scale_factor=SHARPNESS)  # type: ignore[arg-type]
    page.goto(f"{demo.portal_url}/login")
    page.get_by_role("link", name="Sign Up").focus()
    pictures = [_taken(page, folder, 1)]
    page.get_by_role("link", name="Sign Up").click()
    page.get_by_label("E-mail address").fill(CUSTOMER.email)
    pictures.append(_taken(page, folder, 2))
    page.get_by_role("button", name="Submit").click()
    message = MailboxReader(demo.sandbox_url).wait_for(CUSTOMER.email, "your link")
    pictures.append(_email(browser, demo, int(message["id"]), folder))
    page.goto(next(link for link in message["links"] if "/set-password/" in link))
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Password again").fill(PASSWORD)
    pictures.append(_taken(page, folder, 4))
    page.get_by_role("button", name="Submit").click()
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    pictures.append(_taken(page, folder, 5))
    page.context.close()
    return pictures


def _email(browser: Browser, demo: Demo, number: int, folder: Path) -> Path:
    page = browser.new_page(viewport=EMAIL_SIZE, device_scale_factor=SHARPNESS)  # type: ignore[arg-type]
    page.goto(f"{demo.sandbox_url}/mailbox/messages/{number}/html")
    # The picture shows the portal's own address, not that of the demo which it was taken from.
    page.evaluate(
        """([shown, meant]) => {
          const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          while (texts.nextNode()) texts.currentNode.data = texts.currentNode.data.replaceAll(shown, meant);
        }""",
        [demo.portal_url, _portal_address(demo)],
    )
    picture = _taken(page, folder, 3)
    page.context.close()
    return picture


def _taken(page: Page, folder: Path, step: int) -> Path:
    page.wait_for_load_state("networkidle")
    file = folder / f"step-{step}.png"
    page.screenshot(path=file)
    return file
