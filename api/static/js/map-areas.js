/* Areas of policy on a date: outlines by kind, a card with the document. Names are data, text nodes only. */
(function () {
  "use strict";

  const { data, fit, corners, controls, Card, panels, ready } = window.Yudi;

  function areaMap(map, labelLayer) {
    const page = data();
    const stage = map.getContainer().closest("[data-stage]");
    map.getContainer().setAttribute("aria-label", page.words.map_label);
    map.getContainer().setAttribute("role", "application");
    panels(stage);
    const whole = corners(page.bounds);
    fit(map, stage, whole);
    const canvas = L.canvas({ padding: 0.4 });
    const ground = L.canvas({ padding: 0.4 });
    for (const unit of page.units)
      L.geoJSON({ type: "Feature", properties: {}, geometry: unit.geometry }, {
        interactive: false,
        style: { renderer: ground, color: "#C9BBA6", weight: 1, dashArray: "5 2 1 2", fillColor: "#F7F2E6", fillOpacity: window.Yudi.cover, fill: true },
      }).addTo(map);
    const card = Card(stage, page.words, () => {});
    for (const area of page.areas)
      L.geoJSON({ type: "Feature", properties: {}, geometry: area.geometry }, {
        style: { renderer: canvas, color: area.colour, weight: 1.4, dashArray: area.dash, fillColor: area.colour, fillOpacity: 0.3 },
      }).on("click", () => card.show({ title: area.name, kind: area.kind, facts: area.facts })).addTo(map);
    controls(map, stage, page.words, whole);
    window.Yudi.labels(map, labelLayer, page.units.map((u) => ({ text: u.label, kind: "unit", at: u.at, rank: u.rank })), []);
    window.addEventListener("resize", () => map.invalidateSize());
    ready(map, stage);
  }

  window.Yudi.areaMap = areaMap;
})();
