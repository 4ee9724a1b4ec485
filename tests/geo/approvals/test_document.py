"""docs/approvals.md shows the machine as it is."""

from geo.approvals.document import BEGIN, END, PAGE, diagram, written
from geo.approvals.life import LIFE


def test_the_page_is_what_the_machine_says() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert written() in page and page.count(BEGIN) == page.count(END) == 1


def test_every_step_and_state_stands_on_the_page() -> None:
    page = written()
    assert all(f"`{name}`" in page for name in LIFE.by_name) and all(
        state in diagram() for state in LIFE.states
    )
