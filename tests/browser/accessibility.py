"""What axe-core says of an open page: rules of WCAG 2.2 A and AA, and its best practices."""

from importlib.resources import files
from typing import Any

from tests.browser.chromium import Page


def complaints(page: Page) -> list[str]:
    """Give rule, words and the first place of everything that axe-core complains of."""
    source = files("axe_playwright_python").joinpath("axe.min.js").read_text()
    page.ask(source)
    found: list[dict[str, Any]] = page.promised("axe.run().then((result) => result.violations)")
    assert page.promised("axe.run().then((result) => result.passes.length)") > 10, "axe-core looked at little"
    return [f"{one['id']}: {one['help']}: {one['nodes'][0]['html'][:200]}" for one in found]
