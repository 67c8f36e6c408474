"""The real articles that benchmarks run on, and an archive made of them."""

import lzma
import os
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
DATA = Path(os.environ.get("SEARCHSVC_DATA", ROOT.parent / "shared" / "data"))


def unpack(name: str, folder: Path) -> Path:
    """One of the packed files, unpacked into a folder unless it is there already; exits where the data is missing."""
    packed, target = DATA / f"{name}.xz", folder / name
    if not packed.exists():
        sys.exit(f"{packed} is missing: set SEARCHSVC_DATA to the folder of the real articles")
    if not target.exists():
        folder.mkdir(parents=True, exist_ok=True)
        with lzma.open(packed) as source, target.open("wb") as unpacked:
            shutil.copyfileobj(source, unpacked)
    return target
