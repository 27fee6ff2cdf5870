"""Libraries that change what a server sees of the system, or record what it does."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest


def library(name: str, folder: Path) -> Path:
    """Compiles `name.c`, next to this file, for LD_PRELOAD."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if not compiler:
        pytest.skip(f"{name} needs a C compiler")
    made = folder / f"{name}.so"
    source = Path(__file__).with_name(f"{name}.c")
    subprocess.run([compiler, "-shared", "-fPIC", "-o", str(made), str(source), "-ldl"], check=True)
    return made
