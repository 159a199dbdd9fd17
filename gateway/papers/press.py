"""Sets one paper: what to set as JSON on the standard input, the PDF on the standard output.

A program of its own, started by `printing`: typst keeps what it has set in memory, and a long statement takes some
hundred megabytes and a second; here both end with the process, and a time limit can be kept by ending it.
"""

import json
import sys

import typst


def main() -> None:
    job = json.load(sys.stdin)
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[job["fonts"]])
    compiler = typst.Compiler(
        input=job["template"], font_paths=fonts, ignore_system_fonts=True, sys_inputs={"data": json.dumps(job["data"])}
    )
    # PDF/UA-1: tagged, titled, with a language; what would not be is an error here.
    paper = compiler.compile(format="pdf", pdf_standards=["ua-1"], timestamp=job["made_at_s"])
    if isinstance(paper, bytes):
        sys.stdout.buffer.write(paper)


if __name__ == "__main__":
    main()
