/* The map of /where: a press tells the page which point was meant; the page tells what was answered. */
(function () {
  "use strict";

  const { ground, fit, bounds, corners } = window.Yudi;

  function whereMap(map, labelLayer) {
    const { page, stage, canvas, draw, end } = ground(map);
    const drawn = L.layerGroup([]).addTo(map);

    map.on("click", (event) => {
      const at = event.latlng.wrap();
      document.dispatchEvent(new CustomEvent("yudi:point", { detail: { lon: at.lng, lat: at.lat } }));
    });

    function show({ lon, lat, names, moved }) {
      drawn.clearLayers();
      const held = page.units.find((unit) => names.includes(unit.label));
      if (held) {
        const area = draw(held.geometry, { color: page.theme.seal, weight: 2, fillColor: page.theme.seal, fillOpacity: 0.12, fill: true });
        map.removeLayer(area);
        drawn.addLayer(area);
      }
      L.circleMarker([lat, lon], { renderer: canvas, radius: 8, color: "#FFFDF8", weight: 2.5, fillColor: page.theme.seal, fillOpacity: 1, interactive: false }).addTo(drawn);
      /* Outside, the point is shown beside the district, so that it is seen where it lies; from far away the district alone. */
      const whole = corners(page.bounds);
      if (moved && held) fit(map, stage, bounds(held.geometry).extend([lat, lon]), 14);
      else if (moved) fit(map, stage, whole.pad(4).contains([lat, lon]) ? whole.extend([lat, lon]) : whole, 14);
      stage.dataset.point = `${lon.toFixed(5)},${lat.toFixed(5)}`;
    }

    document.addEventListener("yudi:answered", (event) => show(event.detail));
    end(labelLayer);
    document.dispatchEvent(new CustomEvent("yudi:map"));
  }

  window.Yudi.whereMap = whereMap;
})();
