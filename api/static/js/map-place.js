/* The small map of a place page: the place, its cluster around it, township outlines below. Names are data:
   they reach the page as text nodes only. */
(function () {
  "use strict";

  const { data, fit, corners, controls, panels, ready } = window.Yudi;

  function placeMap(map, labelLayer) {
    const page = data();
    const { theme, words } = page;
    const stage = map.getContainer().closest("[data-stage]");
    map.getContainer().setAttribute("aria-label", words.map_label);
    map.getContainer().setAttribute("role", "application");
    panels(stage);
    const whole = corners(page.bounds);
    fit(map, stage, whole);
    const canvas = L.canvas({ padding: 0.4, tolerance: 8 });

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

    for (const near of page.near) {
      const pin = L.circleMarker([near.at[1], near.at[0]], {
        renderer: canvas, radius: 6, color: "#FFFDF8", weight: 1.6, fillColor: theme.near, fillOpacity: 1,
      }).addTo(map);
      pin.bindTooltip(tip(near.name), { direction: "top", offset: [0, -6], className: "name-tip" });
      pin.on("click", () => { window.location.href = near.href; });
    }
    const here = { renderer: canvas, color: theme.seal, weight: 2.5, fillColor: theme.seal, fillOpacity: 0.25 };
    const own = L.geoJSON(
      { type: "Feature", properties: {}, geometry: page.geometry },
      {
        interactive: false, style: () => here,
        pointToLayer: (_feature, at) => L.circleMarker(at, { ...here, radius: 8, color: "#FFFDF8", weight: 2, fillOpacity: 1 }),
      },
    ).addTo(map);
    const middle = own.getBounds().getCenter();
    // A township's own name stands on the map already.
    if (!page.units.some((unit) => unit.label === page.name)) L.circleMarker(middle, { renderer: canvas, radius: 0.1, opacity: 0, fillOpacity: 0 })
      .addTo(map)
      .bindTooltip(tip(page.name), { direction: "top", offset: [0, -8], permanent: true, className: "name-tip" });

    controls(map, stage, words, whole);
    window.Yudi.labels(map, labelLayer, page.units.map((u) => ({ text: u.label, kind: "unit", at: u.at, rank: u.rank })), []);
    window.addEventListener("resize", () => map.invalidateSize());
    ready(map, stage);
  }

  window.Yudi.placeMap = placeMap;
})();
