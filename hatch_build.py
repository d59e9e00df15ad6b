"""Compiles the kernel of matching when ShareCare is installed or packed."""

import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SOURCES = Path("src/sharecare/matching/native")
LIBRARY = SOURCES.with_name("_kernel.dll" if sys.platform == "win32" else "_kernel.so")
# Sums stay as they are written, wherever it is compiled: no fused multiplication and addition.
FLAGS = ("-std=c11", "-O3", "-fno-math-errno", "-ffp-contract=off", "-fvisibility=hidden", "-fPIC", "-shared")


class KernelHook(BuildHookInterface[Any]):
    def dependencies(self) -> list[str]:
        return [] if system_compiler() else ["ziglang"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002  -- as hatchling calls it
        compile_kernel(Path(self.root))
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{sysconfig.get_platform().replace('-', '_').replace('.', '_')}"
        build_data["artifacts"].append(LIBRARY.as_posix())


def compile_kernel(root: Path) -> None:
    """Compile to beside the sources; whoever has the former library loaded goes on with that."""
    library = root / LIBRARY
    with tempfile.TemporaryDirectory(dir=library.parent, prefix="_kernel.") as folder:
        built = Path(folder) / library.name
        run_compiler(root, *shlex.split(os.environ.get("CFLAGS", "")), "-o", str(built))
        built.replace(library)


def run_compiler(root: Path, *arguments: str) -> None:
    sources = root / SOURCES
    told = sha256(b"".join(path.read_bytes() for path in sorted(sources.glob("*.[ch]")))).hexdigest()
    mathematics = [] if sys.platform == "win32" else ["-lm"]
    with tempfile.TemporaryDirectory() as cache:
        subprocess.run(
            [*compiler(), *FLAGS, f'-DSHARECARE_SOURCE="{told}"', str(sources / "rank.c"), *arguments, *mathematics],
            check=True,
            env=dict.fromkeys(("ZIG_GLOBAL_CACHE_DIR", "ZIG_LOCAL_CACHE_DIR"), cache) | os.environ,
        )


def compiler() -> list[str]:
    """Find a C compiler: the one that CC names, the system's, or the one that PyPI has as ziglang."""
    if found := system_compiler():
        return found
    if find_spec("ziglang"):
        return [sys.executable, "-m", "ziglang", "cc", "-mcpu=baseline"]
    raise RuntimeError(
        "ShareCare compiles its matching when it is installed: that takes a C compiler, or ziglang (pip)"
    )


def system_compiler() -> list[str]:
    if named := shlex.split(os.environ.get("CC", "")):
        return named
    return [found for name in ("cc", "gcc", "clang") if (found := shutil.which(name))][:1]


if __name__ == "__main__":
    run_compiler(Path(__file__).parent, *sys.argv[1:])
