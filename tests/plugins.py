"""Distributions with plug-ins, installed into folders of their own."""

from collections.abc import Mapping
from pathlib import Path

from searchsvc.corpus.formats.plugins import GROUP


def install(folder: Path, name: str, version: str, readers: Mapping[str, str], modules: Mapping[str, str]) -> None:
    """Install a distribution as a wheel is: its modules, and its metadata beside them. Another version is replaced."""
    for other in folder.glob(f"{name.replace('-', '_')}-*.dist-info"):
        (other / "METADATA").unlink()
        (other / "entry_points.txt").unlink()
        other.rmdir()
    for module, source in modules.items():
        (folder / f"{module}.py").write_text(source)
    info = folder / f"{name.replace('-', '_')}-{version}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    lines = "".join(f"{suffix} = {reader}\n" for suffix, reader in readers.items())
    (info / "entry_points.txt").write_text(f"[{GROUP}]\n{lines}")
