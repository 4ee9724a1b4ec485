/* The small map of /names/check: a press puts the proposed name there; an answer's names stand on it, joined to
   it by a line with the distance. What to draw is read from the page: elements with data-lon and data-lat. */
(function () {
  "use strict";

  const { ground, tip, fit, Ring, calm } = window.Yudi;

  function nameCheckMap(map, labelLayer) {
    const { page, stage, canvas, end } = ground(map);
    const { theme } = page;

    const drawn = L.layerGroup([]).addTo(map);
    const ring = Ring(map, theme.seal);
    let met = new Map();

    function place() {
      const lon = Number.parseFloat(document.getElementById("lon").value);
      const lat = Number.parseFloat(document.getElementById("lat").value);
      return Number.isFinite(lon) && Number.isFinite(lat) && Math.abs(lat) <= 90 && Math.abs(lon) <= 180 ? [lat, lon] : null;
    }

    function draw() {
      drawn.clearLayers();
      ring.off();
      met = new Map();
      const here = place();
      const around = here ? [here] : [];
      for (const row of document.querySelectorAll("[data-lon][data-lat]")) {
        const at = [Number(row.dataset.lat), Number(row.dataset.lon)];
        const colour = theme.severity[row.dataset.severity] || theme.seal;
        if (here) L.polyline([here, at], { renderer: canvas, color: colour, weight: 1.2, opacity: 0.7, dashArray: "4 4", interactive: false }).addTo(drawn);
        const pin = L.circleMarker(at, { renderer: canvas, radius: 6.5, color: "#FFFDF8", weight: 1.6, fillColor: colour, fillOpacity: 1 }).addTo(drawn);
        const name = row.dataset.name + (row.dataset.distance ? " · " + row.dataset.distance : "");
        pin.bindTooltip(tip(name), { direction: "top", offset: [0, -6], permanent: met.size < 6, className: "name-tip" });
        pin.on("click", (event) => { L.DomEvent.stopPropagation(event); ring.at(at); row.scrollIntoView({ block: "nearest", behavior: calm() ? "auto" : "smooth" }); });
        met.set(row, at);
        around.push(at);
      }
      if (here) L.circleMarker(here, { renderer: canvas, radius: 8, color: "#FFFDF8", weight: 2, fillColor: theme.seal, fillOpacity: 1, interactive: false }).addTo(drawn);
      if (around.length > 1) fit(map, stage, L.latLngBounds(around).pad(0.15), 15);
      stage.dataset.drawn = String(met.size);
    }

    map.on("click", (event) => {
      document.getElementById("lon").value = event.latlng.wrap().lng.toFixed(5);
      document.getElementById("lat").value = event.latlng.lat.toFixed(5);
      draw();
      document.dispatchEvent(new CustomEvent("yudi:placed"));
    });
    document.addEventListener("yudi:answered", draw);
    document.addEventListener("click", (event) => {
      const row = event.target.closest("[data-lon][data-lat]");
      if (row && met.has(row)) { ring.at(met.get(row)); map.panTo(met.get(row), { animate: !calm() }); }
    });

    draw();
    end(labelLayer);
  }

  window.Yudi.nameCheckMap = nameCheckMap;
})();
