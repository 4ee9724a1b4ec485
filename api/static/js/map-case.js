/* The map of a case: the place applied for, the names it meets with a line to each. Names reach the page as text. */
(function () {
  "use strict";

  const { ground, tip, fit, Card, Ring } = window.Yudi;

  function caseMap(map, labelLayer) {
    const { page, stage, canvas, draw, named, end } = ground(map);
    const { theme, words } = page;
    const ring = Ring(map, theme.seal);
    const card = Card(stage, words, () => ring.off());

    let middle = null;
    if (page.geometry) {
      const style = { color: theme.seal, weight: 3, fillColor: theme.seal, fillOpacity: 0.25 };
      const own = draw(page.geometry, style, { radius: 8, color: "#FFFDF8", weight: 2, fillOpacity: 1 });
      middle = own.getBounds().getCenter();
      named(middle, page.name, true);
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
    end(labelLayer);
  }

  window.Yudi.caseMap = caseMap;
})();
