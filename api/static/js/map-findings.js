/* The map of a submission: its features, the findings, and the list beside it. Rows of the list carry
   data-finding; choosing one moves the map, choosing a pin marks the row. */
(function () {
  "use strict";

  const { ground, fit, bounds, Ring } = window.Yudi;
  const RADIUS = { error: 6.5, warning: 5.5, info: 4.5 };

  function findingMap(map, labelLayer) {
    const { page, stage, canvas, draw, end } = ground(map);
    const { theme } = page;

    for (const feature of page.features) {
      const colour = theme.role[feature.role] || "#4B5A6A";
      const polygon = /Polygon/.test(feature.geometry.type);
      draw(feature.geometry, {
        color: colour, weight: polygon ? 1.4 : 2.2, opacity: 0.9, fill: polygon || /Point/.test(feature.geometry.type),
        fillColor: polygon ? "#EFE6D2" : colour, fillOpacity: polygon ? 0.35 : 1,
      });
    }

    const ring = Ring(map, theme.seal);
    const pins = new Map();
    const hidden = new Set();
    for (const finding of page.findings) {
      const colour = theme.severity[finding.severity];
      const area = /Polygon/.test(finding.geometry.type);
      const shape = /Point/.test(finding.geometry.type)
        ? null
        : draw(finding.geometry, { color: colour, weight: 3.5, opacity: 0.9, fill: area, fillColor: colour, fillOpacity: 0.25 });
      const pin = L.circleMarker([finding.at[1], finding.at[0]], {
        renderer: canvas, radius: RADIUS[finding.severity], color: "#FFFDF8", weight: 1.6, fillColor: colour, fillOpacity: 1,
      }).addTo(map);
      pin.on("click", (event) => { L.DomEvent.stopPropagation(event); choose(finding.key, false); });
      pins.set(finding.key, { finding, pin, shape });
    }

    function choose(key, move) {
      for (const row of document.querySelectorAll("[data-finding]")) {
        const mine = row.dataset.finding === key;
        row.toggleAttribute("data-chosen", mine);
        if (mine) row.setAttribute("aria-current", "true");
        else row.removeAttribute("aria-current");
        if (mine && !move) {
          const group = row.closest("details");
          if (group) group.open = true;
          row.scrollIntoView({ block: "nearest" });
        }
      }
      const hit = pins.get(key);
      if (!hit) { ring.off(); return; }
      if (move) {
        fit(map, stage, bounds(hit.finding.geometry), 17);
        if (window.Yudi.narrow()) stage.scrollIntoView({ block: "start", behavior: window.Yudi.calm() ? "auto" : "smooth" });
      }
      ring.at([hit.finding.at[1], hit.finding.at[0]]);
      stage.dataset.chosen = key;
    }

    document.addEventListener("click", (event) => {
      const row = event.target.closest("[data-finding]");
      if (row) choose(row.dataset.finding, true);
    });
    document.addEventListener("yudi:severities", (event) => {
      hidden.clear();
      for (const severity of event.detail.hidden) hidden.add(severity);
      for (const { finding, pin, shape } of pins.values())
        for (const layer of [pin, shape])
          if (layer) { if (hidden.has(finding.severity)) layer.remove(); else layer.addTo(map); }
    });

    const lines = page.features.filter((f) => f.ident && f.geometry.type === "LineString");
    end(labelLayer, lines.map((f) => ({ text: f.ident, geometry: f.geometry })));
  }

  window.Yudi.findingMap = findingMap;
})();
