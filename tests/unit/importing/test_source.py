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


def test_a_quotation_mark_that_is_never_closed_loses_no_line(file):
    rows = 'ana,5\n"ben,6\ncai,7\n'
    (row,) = [row for row in opened(file, "customer,total\n" + rows).rows() if isinstance(row, BadRow)]
    assert row.line == 3
    assert "lines 3 to 4 are not readable" in row.problem
    assert "line 3 opens is never closed" in row.problem
    assert row.cells == ['"ben,6\ncai,7']


def test_lines_that_a_cell_without_end_swallowed_are_all_named_and_the_rest_is_read(file):
    swallowed = "".join(f"c{number},{'9' * 90}\n" for number in range(200))
    source = opened(file, 'customer,total\n"ana,5\n' + swallowed)
    read = list(source.rows())
    (lost,) = [row for row in read if isinstance(row, BadRow)]
    last = 2 + lost.cells[0].count("\n")
    assert f"lines 2 to {last} are not readable" in lost.problem
    assert [row.line for row in read[1:]] == list(range(last + 1, 203))


def test_a_nul_spoils_its_own_row_only(file):
    source = opened(file, "customer,total\na\0na,5\nben,6\n")
    assert bad(source) == [(2, "has a NUL character, which no field may hold")]
    assert values(source) == [{"customer": "ben", "total": "6"}]


def test_utf_16_without_a_mark_says_what_to_try_and_is_read_when_named(file):
    content = "customer,total\nana,5\n".encode("utf-16-le")
    with pytest.raises(UnusableFile, match="--encoding utf-16-le"):
        opened(file, content)
    assert values(opened(file, content, encoding="utf-16-le")) == [{"customer": "ana", "total": "5"}]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16-le"])
def test_a_byte_order_mark_is_no_part_of_a_name_where_the_encoding_is_named(file, encoding):
    content = "\ufeffcustomer,total\nana,5\n".encode(encoding.removesuffix("-sig"))
    assert values(opened(file, content, encoding=encoding)) == [{"customer": "ana", "total": "5"}]


def test_an_encoding_that_does_not_exist_names_some_that_do(file):
    with pytest.raises(UnusableFile, match="there is no encoding klingon; common ones are utf-8, cp1252"):
        opened(file, "customer,total\n", encoding="klingon")


def test_a_workbook_is_called_one(file):
    with pytest.raises(UnusableFile, match="save it as CSV"):
        opened(file, b"PK\x03\x04\x14\x00\x06\x00")


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(UnusableFile, match="Is a directory"):
        Source(tmp_path, columns={}, required=REQUIRED, optional=())
