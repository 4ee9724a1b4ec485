"""A site of the measurement's own: demonstration district, free loopback port, stopped at the end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from benchmarks.measure import ROOT
from benchmarks.startup import free_port

VAR = ROOT / "var" / "bench-site"


@contextmanager
def running() -> Iterator[httpx.Client]:
    """A client with the demonstration surveyor's token, on a site that is warm."""
    port = free_port()
    environment = {k: v for k, v in os.environ.items() if k != "YUDI_DATABASE_URL"} | {
        "YUDI_VAR": str(VAR),
        "YUDI_UPLOAD_BURST": "1000",
        "YUDI_UPLOAD_PER_MINUTE": "6000",
    }
    command = [str(ROOT / "yudi"), "up", "--port", str(port), "--no-browser"]
    site = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, start_new_session=True
    )
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
            for _ in range(1200):
                if site.poll() is not None:
                    raise RuntimeError(f"./yudi up ended with {site.returncode}")
                try:
                    if client.get("/readyz").status_code == 200:
                        break
                except httpx.TransportError:
                    pass
                time.sleep(0.25)
            accounts = json.loads((VAR / "demo-accounts.json").read_text(encoding="utf-8"))["accounts"]
            password = next(a["password"] for a in accounts if a["login"] == "surveyor")
            login = {"user": "surveyor", "password": password, "kind": "token"}
            token = client.post("/api/v1/sessions", json=login).raise_for_status().json()["token"]
            client.headers["Authorization"] = f"Bearer {token}"
            yield client
    finally:
        os.kill(site.pid, signal.SIGINT)
        site.wait(60)


BOUNDARY = "what-no-shapefile-contains"
#: Seconds between uploads: a server is warm once the process for the next upload waits.
PAUSE = float(os.environ.get("YUDI_BENCH_PAUSE", "1"))


def form(content: bytes, name: str, profile: str) -> bytes:
    """An upload's body."""
    part = f"--{BOUNDARY}\r\nContent-Disposition: form-data; name="
    return b"".join(
        (
            f'{part}"profile"\r\n\r\n{profile}\r\n{part}"file"; filename="{name}"\r\n\r\n'.encode(),
            content,
            f"\r\n--{BOUNDARY}--\r\n".encode(),
        )
    )


@dataclass(frozen=True)
class Upload:
    """seconds: from its last byte to its findings. stolen: processor time that the host of a virtual machine gave to others
    meanwhile, in seconds, of all processors together; it is counted in hundredths."""

    seconds: float
    stolen: float

    @property
    def undisturbed(self) -> bool:
        return self.stolen <= 0.02


def stolen() -> float:
    """Seconds of processor time that this machine was denied since it started (proc(5), steal)."""
    return int(Path("/proc/stat").read_text().split(maxsplit=9)[8]) / os.sysconf("SC_CLK_TCK")


def uploads(client: httpx.Client, files: list[bytes], profile: str, pause: float = PAUSE) -> list[Upload]:
    """Each upload, with a pause before it.

    Asked as the survey page asks: the answer to a question about an inspection comes when it has moved on.
    """
    made = []
    for number, content in enumerate(files):
        time.sleep(pause)
        body = form(content, f"{number}.zip", profile)
        begun = 0.0

        def sent(body: bytes = body) -> Iterator[bytes]:
            nonlocal begun
            yield body
            begun = time.perf_counter()

        taken = stolen()
        headers = {
            "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
            "Content-Length": str(len(body)),
        }
        answer = client.post("/api/v1/submissions", content=sent(), headers=headers).raise_for_status()
        where = answer.headers["location"]
        patient = {"Prefer": "wait=5"}
        while client.get(where, headers=patient).json()["state"] in ("received", "inspecting"):
            pass
        client.get(f"{where}/findings").raise_for_status()
        seconds = time.perf_counter() - begun
        made.append(Upload(seconds, stolen() - taken))
    return made
