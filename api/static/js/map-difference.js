/* The map of a difference: what is in force dashed, what was submitted solid, what moved as dots, what
   changes hands as areas. Rows of the list carry data-change. */
(function () {
  "use strict";

  const { ground, fit, bounds } = window.Yudi;

  function differenceMap(map, labelLayer) {
    const { page, stage, draw, end } = ground(map, { maxZoom: 16, tolerance: 6 });
    const { theme } = page;

    const byChange = new Map();
    for (const piece of page.pieces) {
      const colour = theme.kinds[piece.kind];
      const area = /Polygon/.test(piece.geometry.type);
      draw(piece.geometry, {
        color: colour, fillColor: colour, fill: area, fillOpacity: area ? 0.4 : 1,
        weight: piece.kind === "kept" ? 1.6 : area ? 1.2 : 2.8, dashArray: piece.kind === "old" ? "5 4" : null,
      }, { radius: 4, color: "#FFFDF8", weight: 1.2, fill: true, fillOpacity: 1 });
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

    end(labelLayer);
  }

  window.Yudi.differenceMap = differenceMap;
})();
