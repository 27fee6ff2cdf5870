"""axe-core on a page of the test, in the themes and widths in which every page is checked."""

import pytest
from axe_playwright_python.sync_playwright import Axe

GRAVE = {"serious", "critical"}


def findings(page) -> list[str]:
    """The violations that axe-core rates serious or critical in either theme, with their places."""
    return [finding for scheme in ("light", "dark") for finding in findings_of(page, scheme)]


def findings_of(page, scheme: str) -> list[str]:
    page.emulate_media(color_scheme=scheme)
    # Colors may change in a transition.
    page.evaluate("Promise.allSettled(document.getAnimations().map(animation => animation.finished))")
    answer = Axe().run(page).response
    return [f"{scheme}: {one['impact']}: {one['id']}: {one['help']}: {node['html'][:120]} {node['failureSummary'][:300]}"
            for one in answer["violations"] if one["impact"] in GRAVE for node in one["nodes"]]


@pytest.fixture(params=[1280, 390])
def width(request):
    return request.param


@pytest.fixture
def examined(open_page, width):
    """An empty page in the width of the test; a narrow one is a touch screen."""
    return open_page(width=width, height=844, has_touch=width < 500)
