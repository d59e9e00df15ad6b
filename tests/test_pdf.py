"""A PDF says what its data say, in fonts that it brings."""

import io

from pypdf import PdfReader

from sharecare.pdf import render

TEMPLATE = """
#set document(date: none)
#set text(font: "Noto Sans JP")
#let data = json(bytes(sys.inputs.data))
#data.name
"""


def read(pdf: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(pdf))


def test_japanese_is_written_in_a_font_that_the_file_brings() -> None:
    document = read(render(TEMPLATE, data={"name": "𠮷田髙子"}))

    fonts = document.pages[0]["/Resources"]["/Font"].values()  # type: ignore[index]  # an object of any kind, to pypdf
    assert document.pages[0].extract_text() == "𠮷田髙子"
    assert [str(font["/BaseFont"]).partition("+")[2] for font in fonts] == ["NotoSansJP-Regular-Identity-H"]


def test_markup_in_data_is_printed_and_not_obeyed() -> None:
    attack = '#pagebreak() *bold* $x$ \\ "]) #panic("out") <label> @preview/x:1.0.0'

    document = read(render(TEMPLATE, data={"name": attack}))

    assert len(document.pages) == 1
    assert document.pages[0].extract_text() == attack


def test_the_same_data_make_the_same_file() -> None:
    assert render(TEMPLATE, data={"name": "美園"}) == render(TEMPLATE, data={"name": "美園"})
