"""Makes the project importable in the environment that runs this file, and puts its command on the path.

What `pip install --editable` would do, without a build backend to download: a `.pth` line that names the project's
folder, and `bin/porchlight` as pyproject.toml's `[project.scripts]` describes it.
"""

import sys
import sysconfig
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

LAUNCHER = """#!{python}
import sys

from {module} import {function}

sys.exit({function}())
"""


def link(root: Path = ROOT) -> None:
    """Writes `porchlight.pth` and one launcher a script into the running environment. Safe to repeat."""
    if sys.prefix == sys.base_prefix:
        raise SystemExit("link_project.py writes into a virtual environment only; run it with .venv/bin/python")
    paths = sysconfig.get_paths()
    (Path(paths["purelib"]) / "porchlight.pth").write_text(f"{root}\n", encoding="utf-8")
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for name, target in project["scripts"].items():
        module, function = target.split(":")
        launcher = Path(paths["scripts"]) / name
        text = LAUNCHER.format(python=sys.executable, module=module, function=function)
        launcher.write_text(text, encoding="utf-8")
        launcher.chmod(0o755)


if __name__ == "__main__":
    link()
