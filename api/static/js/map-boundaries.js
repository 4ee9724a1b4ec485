/* The boundary map: townships, the district's band and line, lines by state, markers. */
(function () {
  "use strict";

  const { data, fit, corners, view, keep, controls, Card, panels, bounds, Ring, ready } = window.Yudi;

  function boundaryMap(map, labelLayer) {
    const page = data();
    const { theme, words } = page;
    const stage = map.getContainer().closest("[data-stage]");
    map.getContainer().setAttribute("aria-label", words.map_label);
    map.getContainer().setAttribute("role", "application");
    panels(stage);
    const whole = corners(page.bounds);
    fit(map, stage, whole);

    /* Lines bear the numbers of their rows, where there is a list. */
    const listed = stage.querySelector("[data-list]") !== null;
    const canvas = L.canvas({ padding: 0.4, tolerance: 7 });
    const ring = Ring(map, theme.seal);
    const chosen = { layer: null, weight: 0, row: null };
    const card = Card(stage, words, unchoose);

    function unchoose() {
      ring.off();
      if (chosen.layer) chosen.layer.setStyle({ weight: chosen.weight });
      if (chosen.row) chosen.row.removeAttribute("aria-current");
      if (chosen.layer && page.links) keep({ line: null });
      chosen.layer = chosen.row = null;
    }

    function shape(geometry, style, click) {
      const layer = L.geoJSON({ type: "Feature", properties: {}, geometry }, { style: () => ({ renderer: canvas, ...style }) });
      if (click) layer.on("click", (event) => { L.DomEvent.stopPropagation(event); click(event); });
      return layer.addTo(map);
    }

    for (const unit of page.units)
      shape(
        unit.geometry,
        { stroke: false, fill: true, fillColor: theme.tints[unit.tint], fillOpacity: window.Yudi.cover },
        () => { unchoose(); card.show(unit); },
      );

    /* The band is a polygon made for each zoom; the one that fits is on the map. */
    const bands = {};
    let band = null;
    function pickBand() {
      const zoom = String(Math.min(15, Math.max(9, Math.round(map.getZoom()))));
      if (band && band.zoom === zoom) return;
      if (band) band.layer.remove();
      if (!page.bands[zoom]) return;
      bands[zoom] = bands[zoom] || L.geoJSON(
        { type: "Feature", properties: {}, geometry: page.bands[zoom] },
        { interactive: false, style: { renderer: under, stroke: false, fill: true, fillColor: theme.band, fillOpacity: 0.2 } },
      );
      band = { zoom, layer: bands[zoom].addTo(map) };
    }
    const underPane = map.createPane("band");
    underPane.classList.add("band-pane");
    const under = L.canvas({ padding: 0.4, pane: "band" });
    if (page.outline.coordinates && page.outline.coordinates.length)
      L.geoJSON(
        { type: "Feature", properties: {}, geometry: page.outline },
        { interactive: false, style: { renderer: under, color: theme.district, weight: 1.9, dashArray: "7 2.4 1.2 2.4", fill: false } },
      ).addTo(map);
    map.on("zoomend", pickBand);
    pickBand();

    function weight(way) {
      return (way.state === "settled" ? 2.6 : 2.1) + Math.max(0, map.getZoom() - 12) * 0.3;
    }

    const drawn = page.ways.map((way) => {
      const [colour, dash] = theme.states[way.state];
      if (way.dispute) shape(way.geometry, { color: theme.seal, weight: 7, opacity: 0.25, dashArray: "1 6", interactive: false });
      shape(way.geometry, { color: "#FFFDF8", weight: weight(way) + 2.2, opacity: 0.85, interactive: false });
      const layer = shape(
        way.geometry,
        { color: colour, weight: weight(way), opacity: 1, dashArray: dash, lineCap: "butt" },
        (event) => choose(way, event.latlng, null),
      );
      return { way, layer };
    });
    map.on("zoomend", () => {
      for (const { way, layer } of drawn) if (layer !== chosen.layer) layer.setStyle({ weight: weight(way) });
    });

    function choose(way, latlng, from) {
      unchoose();
      chosen.layer = drawn[way.number].layer;
      chosen.weight = weight(way);
      chosen.layer.setStyle({ weight: chosen.weight + 3 });
      chosen.row = stage.querySelector('[data-way="' + way.number + '"]');
      if (chosen.row) chosen.row.setAttribute("aria-current", "true");
      if (latlng) ring.at(latlng);
      if (page.links) keep({ line: way.code });
      card.show({ ...way, kind: listed ? way.kind + " " + (way.number + 1) : way.kind }, { from, href: page.links ? "/boundaries/" + encodeURIComponent(way.code) : null });
    }

    for (const row of stage.querySelectorAll("[data-way]"))
      row.addEventListener("click", () => {
        const way = page.ways[Number(row.dataset.way)];
        fit(map, stage, bounds(way.geometry), 14);
        choose(way, null, row);
        shut(row);
      });

    /* After a choice in the list: on a phone the list gives way to the map; the card has the focus. */
    function shut(row) {
      const list = row.closest("details");
      if (window.Yudi.narrow() && list) list.open = false;
      const close = card.box.querySelector(".card-close");
      if (close) close.focus({ preventScroll: true });
    }

    /* Markers appear when there is room for them. */
    const marks = L.layerGroup();
    function chooseMarker(marker, from) {
      unchoose();
      ring.at(L.latLng(marker.at[1], marker.at[0]));
      chosen.row = stage.querySelector('[data-marker="' + page.markers.indexOf(marker) + '"]');
      if (chosen.row) chosen.row.setAttribute("aria-current", "true");
      card.show(marker, { from });
    }
    for (const marker of page.markers)
      L.circleMarker([marker.at[1], marker.at[0]], {
        renderer: canvas, radius: 3.4, color: theme.seal, weight: 1.5, fillColor: "#FFFDF8", fillOpacity: 1,
      })
        .on("click", (event) => {
          L.DomEvent.stopPropagation(event);
          chooseMarker(marker, null);
        })
        .addTo(marks);
    for (const row of stage.querySelectorAll("[data-marker]"))
      row.addEventListener("click", () => {
        const marker = page.markers[Number(row.dataset.marker)];
        fit(map, stage, L.latLng(marker.at[1], marker.at[0]).toBounds(2000), 15);
        chooseMarker(marker, row);
        shut(row);
      });
    function showMarks() {
      if (map.getZoom() >= 11.5) marks.addTo(map);
      else marks.remove();
    }
    map.on("zoomend", showMarks);
    showMarks();

    map.on("click", () => card.close());
    controls(map, stage, words, whole);
    const names = page.units.map((u) => ({ text: u.label, kind: "unit", at: u.at, rank: u.rank }))
      .concat(page.outside.map((n) => ({ text: n.text, kind: "outside", at: n.at, rank: 0, anchor: n.anchor })))
      .concat(page.markers.map((m) => ({ text: m.label, kind: "marker", at: m.at, rank: 0 })));
    window.Yudi.labels(map, labelLayer, names, page.ways.map((w) => ({ text: listed ? w.number + 1 + " " + w.label : w.label, geometry: w.geometry })));
    window.addEventListener("resize", () => map.invalidateSize());
    /* A line's page leads here with its code, and so does a link that was shared. */
    const asked = new URLSearchParams(window.location.hash.slice(1)).get("line");
    const way = asked && page.ways.find((w) => w.code === asked);
    if (way) {
      if (!view()) fit(map, stage, bounds(way.geometry), 14);
      choose(way, null, null);
    }
    ready(map, stage);
  }

  window.Yudi.boundaryMap = boundaryMap;
})();
