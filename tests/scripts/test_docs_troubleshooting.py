"""The page of troubleshooting has a section for every fault of the gallery."""

import docs_troubleshooting
import fault_gallery


def test_every_fault_has_a_section_with_its_sentence_and_the_page_of_its_code() -> None:
    page = docs_troubleshooting.page()
    for fault in fault_gallery.FAULTS:
        section = page.partition(f"### {fault.title}\n")[2].partition("\n#")[0]
        assert f"> {fault.sentence}\n" in section
        assert f"(errors/{fault.code}.md)" in section


def test_the_rooms_of_the_gallery_are_headings_each_once_and_in_order() -> None:
    page = docs_troubleshooting.page()
    headings = [line.removeprefix("## ") for line in page.splitlines() if line.startswith("## ")]
    assert headings == [room.value for room in fault_gallery.Room]


def test_nothing_of_a_sentence_is_taken_for_a_tag() -> None:
    assert "<din_uid>" not in docs_troubleshooting.page()
