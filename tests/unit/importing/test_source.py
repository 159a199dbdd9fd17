"""Files as businesses really have them."""

from pathlib import Path

import pytest

from porchlight.importing.source import BadRow, Source, UnusableFile

REQUIRED = ("customer", "total")


def opened(path: Path, content: bytes | str, columns: dict[str, str] | None = None, **options) -> Source:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return Source(path, columns=columns or {}, required=REQUIRED, optional=("note",), **options)


def values(source: Source) -> list[dict[str, str]]:
    return [dict(row.values) for row in source.rows() if not isinstance(row, BadRow)]


def bad(source: Source) -> list[tuple[int, str]]:
    return [(row.line, row.problem) for row in source.rows() if isinstance(row, BadRow)]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "rows.csv"


def test_columns_are_found_under_the_names_they_are_given(file):
    source = opened(file, "Who,Sum\nana,5\n", {"customer": "Who", "total": "sum"})
    assert values(source) == [{"customer": "ana", "total": "5"}]


def test_semicolons_tabs_and_a_byte_order_mark_are_understood(file):
    assert values(opened(file, "\ufeffcustomer;total\nana;5,00\n")) == [{"customer": "ana", "total": "5,00"}]
    assert values(opened(file, "customer\ttotal\nana\t5\n")) == [{"customer": "ana", "total": "5"}]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252"])
def test_names_survive_the_encoding(file, encoding):
    text = "customer,total,note\n" + "".join(f"Müller & Söhne {n},5,Größe, naïve café\n" for n in range(40))
    source = opened(file, text.replace(", naïve", " naïve").encode(encoding))
    assert values(source)[0]["customer"] == "Müller & Söhne 0"


def test_an_encoding_can_be_named_and_a_wrong_one_is_an_error(file):
    content = "customer,total\nJosé,5\n".encode("cp1252")
    assert values(opened(file, content, encoding="cp1252"))[0]["customer"] == "José"
    with pytest.raises(UnusableFile, match="is not utf-8"):
        opened(file, content, encoding="utf-8")


def test_a_row_of_the_wrong_width_is_bad_and_the_next_is_read(file):
    source = opened(file, "customer,total\nana\nben,6\n")
    assert bad(source) == [(2, "has 1 columns, the header has 2")]
    assert values(source) == [{"customer": "ben", "total": "6"}]


def test_a_row_that_is_no_csv_is_bad_and_the_rest_is_read(file):
    source = opened(file, 'customer,total\n"ana"x,5\nben,6\n')
    assert [line for line, _ in bad(source)] == [2]
    assert values(source)[-1] == {"customer": "ben", "total": "6"}


def test_a_missing_column_names_what_there_is(file):
    with pytest.raises(UnusableFile, match=r"no column for total.*Its columns are: customer, sum"):
        opened(file, "customer,sum\n")


def test_an_unknown_field_names_those_that_exist(file):
    with pytest.raises(UnusableFile, match="the fields are customer, total, note"):
        opened(file, "customer,total\n", {"client": "customer"})


def test_a_column_that_is_there_twice_is_an_error(file):
    with pytest.raises(UnusableFile, match="2 columns named"):
        opened(file, "customer,total,total\n")


def test_empty_and_absent_files_are_clear_errors(file, tmp_path):
    with pytest.raises(UnusableFile, match="is empty"):
        opened(file, "")
    with pytest.raises(UnusableFile, match="No such file"):
        Source(tmp_path / "absent.csv", columns={}, required=REQUIRED, optional=())


def test_lines_are_counted_as_an_editor_shows_them(file):
    source = opened(file, 'customer,total,note\nana,5,"two\nlines"\nben\n')
    assert bad(source) == [(4, "has 1 columns, the header has 3")]
