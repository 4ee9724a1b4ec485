/* The map of a case: the place applied for, the names it meets with a line to each. Names reach the page as text. */
(function () {
  "use strict";

  const { data, fit, corners, controls, panels, ready, Card, Ring } = window.Yudi;

  function caseMap(map, labelLayer) {
    const page = data();
    const { theme, words } = page;
    const stage = map.getContainer().closest("[data-stage]");
    map.getContainer().setAttribute("aria-label", words.map_label);
    map.getContainer().setAttribute("role", "application");
    panels(stage);
    const whole = corners(page.bounds);
    fit(map, stage, whole);
    const canvas = L.canvas({ padding: 0.4, tolerance: 8 });
    const ring = Ring(map, theme.seal);
    const card = Card(stage, words, () => ring.off());

    for (const unit of page.units)
      L.geoJSON(
        { type: "Feature", properties: {}, geometry: unit.geometry },
        { interactive: false, style: { renderer: canvas, color: "#C9BBA6", weight: 1, dashArray: "5 2 1 2", fillColor: "#F7F2E6", fillOpacity: 1, fill: true } },
      ).addTo(map);

    function tip(text) {
      const span = document.createElement("span");
      span.textContent = text;
      return span;
    }

    let middle = null;
    if (page.geometry) {
      const style = { renderer: canvas, color: theme.seal, weight: 3, fillColor: theme.seal, fillOpacity: 0.25 };
      const own = L.geoJSON(
        { type: "Feature", properties: {}, geometry: page.geometry },
        { interactive: false, style: () => style, pointToLayer: (_f, at) => L.circleMarker(at, { ...style, radius: 8, color: "#FFFDF8", weight: 2, fillOpacity: 1 }) },
      ).addTo(map);
      middle = own.getBounds().getCenter();
      L.circleMarker(middle, { renderer: canvas, radius: 0.1, opacity: 0, fillOpacity: 0, interactive: false })
        .addTo(map)
        .bindTooltip(tip(page.name), { direction: "top", offset: [0, -8], permanent: true, className: "name-tip" });
    }
    const pins = page.meets.map((meet) => {
      const colour = theme.severity[meet.severity];
      const at = [meet.at[1], meet.at[0]];
      if (middle) L.polyline([middle, at], { renderer: canvas, color: colour, weight: 1.5, dashArray: "3 5", opacity: 0.8, interactive: false }).addTo(map);
      return L.circleMarker(at, { renderer: canvas, radius: 6.5, color: "#FFFDF8", weight: 1.6, fillColor: colour, fillOpacity: 1 })
        .addTo(map)
        .bindTooltip(tip(meet.name), { direction: "top", offset: [0, -6], permanent: page.meets.length <= 12, className: "name-tip" })
        .on("click", (event) => {
          L.DomEvent.stopPropagation(event);
          ring.at(at);
          card.show({ kind: meet.distance, title: meet.name, text: meet.why, facts: [] });
        });
    });
    for (const row of document.querySelectorAll("[data-meet]"))
      row.addEventListener("click", () => {
        const pin = pins[Number(row.dataset.meet)];
        const view = middle ? L.latLngBounds([middle, pin.getLatLng()]) : L.latLngBounds([pin.getLatLng()]);
        fit(map, stage, view, 15);
        ring.at(pin.getLatLng());
        stage.scrollIntoView({ block: "nearest" });
      });
    map.on("click", () => card.close());
    controls(map, stage, words, whole);
    window.Yudi.labels(map, labelLayer, page.units.map((u) => ({ text: u.label, kind: "unit", at: u.at, rank: u.rank })), []);
    window.addEventListener("resize", () => map.invalidateSize());
    ready(map, stage);
  }

  window.Yudi.caseMap = caseMap;
})();
