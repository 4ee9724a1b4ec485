"""The map that goes with a document: the name in red, what is published around it, nothing where none is due."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.worker.attached_map import WITH_MAP, attached
from api.worker.documents import facts_of
from geo.store.tables import CaseDocument
from maps.documents import Kind, make
from maps.sheets.words import NO_APPROVAL
from tests import builders as b
from tests.api.acts.desk import Desk


def papers(desk: Desk) -> dict[str, CaseDocument]:
    row = desk.reviewed(desk.submitted(name="云雀路"))
    desk.step(row, "approve", desk.approver)
    desk.step(row, "announce", desk.registrar)
    desk.step(row, "send_filing", desk.registrar)
    return {paper.kind: paper for paper in desk.session.scalars(select(CaseDocument))}


def test_decisions_and_announcements_take_a_map_along(session: Session) -> None:
    desk = Desk(session)
    b.place_name(session, desk.registrar.id, "王家湾", unit_code="500112106", point=(106.832, 29.921))
    b.place_name(session, desk.registrar.id, "远方", unit_code="500112106", point=(107.832, 29.921))
    found = {kind: attached(session, paper, facts_of(paper)) for kind, paper in papers(desk).items()}
    assert {kind for kind, sheet in found.items() if sheet is not None} == {
        k.value for k in WITH_MAP if k is not Kind.OPINION
    }
    for kind in ("approval", "announcement"):
        sheet = found[kind]
        assert sheet is not None and sheet.title == "“云雀路”位置图"
        said = [
            "".join(e.itertext())
            for e in ElementTree.fromstring(sheet.svg).iter("{http://www.w3.org/2000/svg}text")
        ]
        assert said.count("云雀路") == 1, "once, though the register holds it now"
        assert "王家湾" in said and "远方" not in said
        assert f"审图号：{NO_APPROVAL.zh}" in said


def test_the_map_is_in_the_document_and_needs_a_position(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    paper = papers(Desk(session))["approval"]
    said = facts_of(paper)
    sheet = attached(session, paper, said)
    assert sheet is not None and sheet == attached(session, paper, said), "the same data, the same map"
    whole, bare = make(Kind.APPROVAL, replace(said, sheet=sheet), "docx"), make(Kind.APPROVAL, said, "docx")
    assert len(whole) > len(bare)
    monkeypatch.setenv("YUDI_MAP_APPROVAL", "示例S（2024）001号")
    numbered = attached(session, paper, said)
    assert numbered is not None and "审图号：示例S（2024）001号" in numbered.svg
    paper.facts = {**paper.facts, "shapes": [None]}
    assert attached(session, paper, said) is None, "a name without a position has no map"
