"""The process that serves the site."""

from __future__ import annotations

import io
import sys
from threading import Event
from typing import Any

import pytest

from api.cli import _serve


def test_the_tables_of_readings_are_read_when_the_site_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not by the first person who types a character, and not before the site answers at all."""
    read: list[str] = []
    done = Event()

    class Server:
        started = False

        def __init__(self, _: Any) -> None:
            pass

        def run(self, sockets: list[Any]) -> None:
            assert not done.wait(0.3) and read == []
            self.started = True
            assert done.wait(30) and read == ["地名"]

    def offers(question: Any) -> list[Any]:
        read.append(question.text)
        done.set()
        return []

    monkeypatch.setattr(sys, "stdin", io.StringIO("{}\n"))
    monkeypatch.setattr(_serve.api.app, "routers", tuple)
    monkeypatch.setattr(_serve.serving, "config", lambda *_, **__: None)
    monkeypatch.setattr(_serve.socket, "socket", lambda fileno: None)
    monkeypatch.setattr(_serve.uvicorn, "Server", Server)
    monkeypatch.setattr(_serve.query, "offers", offers)
    _serve.main(3)
