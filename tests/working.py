"""A worker beside a test's site. It is forked from a process that holds the worker's modules, one for each test process:
a worker of its own for every module of tests would spend most of its time on importing them."""

from __future__ import annotations

import multiprocessing
import os
import sys
from multiprocessing.process import BaseProcess

from geo.settings import ROOT

FORKED = multiprocessing.get_context("forkserver")


def start(*arguments: str, script: str = "") -> BaseProcess:
    """A worker with this process's settings; SIGTERM ends it. script: Python that is run before, in its process."""
    FORKED.set_forkserver_preload(["api.worker.__main__"])
    process = FORKED.Process(target=work, args=(dict(os.environ), arguments, script))
    process.start()
    return process


def work(environment: dict[str, str], arguments: tuple[str, ...], script: str) -> None:
    """What `python -m api.worker` does, without a word."""
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(ROOT)
    silence = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(silence, stream)
    sys.argv = ["python -m api.worker", *arguments]
    exec(script, {})
    from api.worker.__main__ import main

    main()
