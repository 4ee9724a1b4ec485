/* Vector tiles inside Leaflet: hosts before relative addresses, symbols drawn when they are missed, and the
   feature under a click. A classic script, as the map's own. */
(function () {
  "use strict";

  const SCALE = 4;
  const SIZE = 12;

  /* A symbol on a canvas at four times its size, so that no sprite has to be loaded. */
  function symbol(form, colour) {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = SIZE * SCALE;
    const pen = canvas.getContext("2d");
    const middle = (SIZE * SCALE) / 2;
    const reach = 3.6 * SCALE;
    pen.fillStyle = colour;
    pen.strokeStyle = "rgba(255,253,247,.95)";
    pen.lineWidth = 1.2 * SCALE;
    pen.beginPath();
    if (form === "diamond") {
      pen.moveTo(middle, middle - reach * 1.25);
      pen.lineTo(middle + reach, middle);
      pen.lineTo(middle, middle + reach * 1.25);
      pen.lineTo(middle - reach, middle);
      pen.closePath();
    } else if (form === "square") {
      pen.rect(middle - reach * 0.8, middle - reach * 0.8, reach * 1.6, reach * 1.6);
    } else if (form === "cross") {
      const arm = reach * 0.75;
      pen.strokeStyle = colour;
      pen.moveTo(middle - arm, middle - arm);
      pen.lineTo(middle + arm, middle + arm);
      pen.moveTo(middle + arm, middle - arm);
      pen.lineTo(middle - arm, middle + arm);
      pen.stroke();
    } else {
      pen.arc(middle, middle, form === "ring" ? reach * 0.75 : reach * 0.85, 0, 2 * Math.PI);
    }
    if (form === "ring") {
      pen.fillStyle = "#FFFDF8";
      pen.strokeStyle = colour;
      pen.fill();
      pen.stroke();
    } else if (form !== "cross") {
      pen.stroke();
      pen.fill();
    }
    return pen.getImageData(0, 0, canvas.width, canvas.height);
  }

  /* The Leaflet layer of a style whose tile addresses may be relative. */
  function vectorTiles(style, symbols) {
    for (const source of Object.values(style.sources)) {
      if (!source.tiles) continue;
      source.tiles = source.tiles.map((address) =>
        address.startsWith("/") ? window.location.origin + address : address,
      );
    }
    const { larger, scaled } = window.Yudi;
    if (larger() > 1)
      for (const { type, layout } of style.layers)
        if (type === "symbol" && layout && layout["text-size"]) layout["text-size"] = scaled(layout["text-size"], larger());
    style.metadata = { ...style.metadata, "yudi:scaled": true };
    const layer = L.maplibreGL({
      style,
      pane: "labels",
      interactive: false,
      attributionControl: false,
      fadeDuration: 0,
    });
    layer.on("add", () => {
      const drawing = layer.getMaplibreMap();
      drawing.on("styleimagemissing", ({ id }) => {
        const made = symbols[id];
        if (made && !drawing.hasImage(id)) drawing.addImage(id, symbol(made[0], made[1]));
      });
    });
    return layer;
  }

  /* A script of this host, loaded now. */
  function load(address) {
    return new Promise((done, failed) => {
      const script = document.createElement("script");
      script.src = address;
      script.nonce = document.querySelector("script[nonce]").nonce;
      script.onload = done;
      script.onerror = failed;
      document.head.append(script);
    });
  }

  /* A layer that loads MapLibre when the map's own script asks for it: start(style, symbols) answers MapLibre's map, or null
     where the browser cannot draw with it. */
  function lateTiles(worker, engine) {
    const group = L.layerGroup([]);
    group.start = async (style, symbols) => {
      if (!window.Yudi.canDraw()) return null;
      for (const address of engine) await load(address);
      window.Yudi.gl(worker);
      const layer = vectorTiles(style, symbols);
      group.addLayer(layer);
      group.getMaplibreMap = () => layer.getMaplibreMap();
      return layer.getMaplibreMap();
    };
    return group;
  }

  /* The most important feature with a name at a Leaflet mouse event, or null: {id, source, properties, at}. */
  function tileFeature(map, layer, event, reach) {
    const drawing = layer.getMaplibreMap && layer.getMaplibreMap();
    if (!drawing) return null;
    const { x, y } = drawing.project([event.latlng.lng, event.latlng.lat]);
    const box = reach === undefined ? 14 : reach;
    const found = drawing
      .queryRenderedFeatures([
        [x - box, y - box],
        [x + box, y + box],
      ])
      .filter((f) => f.properties.label && f.geometry.type === "Point");
    if (!found.length) return null;
    const best = found.reduce((a, b) => (b.properties.rank < a.properties.rank ? b : a));
    return {
      id: best.id,
      source: best.source,
      properties: best.properties,
      at: best.geometry.coordinates,
    };
  }

  window.Yudi = window.Yudi || {};
  window.Yudi.vectorTiles = vectorTiles;
  window.Yudi.lateTiles = lateTiles;
  window.Yudi.tileFeature = tileFeature;
})();
