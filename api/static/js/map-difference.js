/* The map of a difference: what is in force dashed, what was submitted solid, what moved as dots, what
   changes hands as areas. Rows of the list carry data-change. */
(function () {
  "use strict";

  const { data, fit, corners, controls, panels, bounds, ready } = window.Yudi;

  function differenceMap(map, labelLayer) {
    const page = data();
    const { theme, words } = page;
    const stage = map.getContainer().closest("[data-stage]");
    map.getContainer().setAttribute("aria-label", words.map_label);
    map.getContainer().setAttribute("role", "application");
    panels(stage);
    const whole = corners(page.bounds);
    fit(map, stage, whole, 16);
    const canvas = L.canvas({ padding: 0.4, tolerance: 6 });

    function draw(geometry, style) {
      return L.geoJSON(
        { type: "Feature", properties: {}, geometry },
        {
          interactive: false,
          style: () => ({ renderer: canvas, ...style }),
          pointToLayer: (_feature, at) => L.circleMarker(at, { renderer: canvas, ...style, radius: 4, color: "#FFFDF8", weight: 1.2, fill: true, fillOpacity: 1 }),
        },
      ).addTo(map);
    }

    for (const unit of page.units)
      draw(unit.geometry, { color: "#C9BBA6", weight: 1, dashArray: "5 2 1 2", fillColor: "#F7F2E6", fillOpacity: 1, fill: true });
    const byChange = new Map();
    for (const piece of page.pieces) {
      const colour = theme.kinds[piece.kind];
      const area = /Polygon/.test(piece.geometry.type);
      draw(piece.geometry, {
        color: colour, fillColor: colour, fill: area, fillOpacity: area ? 0.4 : 1,
        weight: piece.kind === "kept" ? 1.6 : area ? 1.2 : 2.8, dashArray: piece.kind === "old" ? "5 4" : null,
      });
      if (!byChange.has(piece.change)) byChange.set(piece.change, []);
      byChange.get(piece.change).push(piece);
    }

    document.addEventListener("click", (event) => {
      const row = event.target.closest("[data-change]");
      if (!row) return;
      for (const other of document.querySelectorAll("[data-change]")) {
        other.toggleAttribute("data-chosen", other === row);
        if (other === row) other.setAttribute("aria-current", "true");
        else other.removeAttribute("aria-current");
      }
      const pieces = byChange.get(Number(row.dataset.change)) || [];
      const changed = pieces.filter((p) => p.kind !== "kept");
      const chosen = changed.length ? changed : pieces;
      if (!chosen.length) return;
      const box = L.latLngBounds([]);
      for (const piece of chosen) box.extend(bounds(piece.geometry));
      fit(map, stage, box, 18);
      stage.dataset.chosen = row.dataset.change;
    });

    controls(map, stage, words, whole);
    window.Yudi.labels(map, labelLayer, page.units.map((u) => ({ text: u.label, kind: "unit", at: u.at, rank: u.rank })), []);
    window.addEventListener("resize", () => map.invalidateSize());
    ready(map, stage);
  }

  window.Yudi.differenceMap = differenceMap;
})();
