/* Names on a map. Given to MapLibre where the browser has WebGL2; else placed here on a canvas, most
   important first, each at the first of its anchors where it collides with nothing. */
(function () {
  "use strict";

  const SERIF = '"Noto Serif CJK SC","Source Han Serif SC","Songti SC",STSong,SimSun,serif';
  const SANS = '"Noto Sans CJK SC","Source Han Sans SC","PingFang SC","Microsoft YaHei",SimHei,sans-serif';
  const KINDS = {
    /* The place of a name that stands over the map as a sign: kept free, nothing is written. */
    pin: { from: 0, face: SANS, weight: 600, colour: "", size: () => 18, space: 0, place: false },
    unit: { from: 0, face: SERIF, weight: 700, colour: "#6A3527", size: (z) => clamp(14 + (z - 11) * 2.6, 11.5, 22), space: 0.12, place: true },
    outside: { from: 0, face: SERIF, weight: 400, colour: "#8F8578", size: () => 14, space: 0.35, place: false },
    way: { from: 12, face: SANS, weight: 400, colour: "#6B6259", size: (z) => clamp(10.5 + (z - 11) * 0.6, 10.5, 13), space: 0.05, place: true },
    famous: { from: 8, face: SANS, weight: 700, colour: "#A8392B", size: (z) => clamp(12.5 + (z - 9) * 0.5, 12.5, 15), space: 0, place: true, beside: true },
    village: { from: 10, face: SANS, weight: 400, colour: "#3B342D", size: (z) => clamp(11.5 + (z - 10) * 0.5, 11.5, 14), space: 0, place: true, beside: true },
    hamlet: { from: 11.5, face: SANS, weight: 400, colour: "#766C61", size: (z) => clamp(11 + (z - 11) * 0.4, 11, 12.5), space: 0, place: true, beside: true },
    gone: { from: 10.5, face: SANS, weight: 400, colour: "#857B6E", size: (z) => clamp(11 + (z - 11) * 0.4, 11, 12.5), space: 0, place: true, beside: true },
    marker: { from: 14, face: SANS, weight: 400, colour: "#2B2622", size: () => 11.5, space: 0, place: true },
  };
  /* Where a name begins whose place is at one of its sides. */
  const SIDES = {
    left: () => [0, 0],
    right: (width) => [-width, 0],
    top: (width, pixels) => [-width / 2, pixels * 0.6],
    bottom: (width, pixels) => [-width / 2, -pixels * 0.6],
  };
  const ORDER = ["pin", "unit", "outside", "famous", "village", "hamlet", "gone", "way", "marker"];

  /* Names are half as large again in the elder version, and 18 pt at least. */
  const LEAST = 24;
  const larger = () => (document.body.classList.contains("elder") ? 1.5 : 1);

  /* A text-size of a MapLibre style, so many times as large. */
  function scaled(size, times) {
    const grown = (pixels) => (times > 1 ? Math.max(LEAST, pixels * times) : pixels);
    if (typeof size === "number") return grown(size);
    return size.map((part, i) => (i > 3 && i % 2 === 0 ? grown(part) : part));
  }

  function clamp(value, low, high) {
    return Math.min(high, Math.max(low, value));
  }

  function middle(geometry) {
    const parts = geometry.type === "LineString" ? [geometry.coordinates] : geometry.coordinates;
    const longest = parts.reduce((a, b) => (b.length > a.length ? b : a));
    return longest[Math.floor(longest.length / 2)];
  }

  let canvasLayer = null;

  const CanvasLabels = L.Layer.extend({
    initialize(names) {
      this.own = names;
      this.sort(names);
    },
    give(names) {
      this.sort(this.own.concat(names));
      if (this._map) this.draw();
    },
    sort(names) {
      this.names = names.slice().sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind) || a.rank - b.rank);
    },
    onAdd(map) {
      this.canvas = L.DomUtil.create("canvas", "labels-canvas", map.getPane("labels"));
      map.on("moveend zoomend resize", this.draw, this);
      this.draw();
    },
    onRemove(map) {
      map.off("moveend zoomend resize", this.draw, this);
      this.canvas.remove();
    },
    draw() {
      const map = this._map;
      const size = map.getSize();
      const ratio = window.devicePixelRatio || 1;
      L.DomUtil.setPosition(this.canvas, map.containerPointToLayerPoint([0, 0]));
      this.canvas.width = size.x * ratio;
      this.canvas.height = size.y * ratio;
      this.canvas.style.width = size.x + "px";
      this.canvas.style.height = size.y + "px";
      const pen = this.canvas.getContext("2d");
      pen.scale(ratio, ratio);
      pen.textBaseline = "middle";
      pen.lineJoin = "round";
      const zoom = map.getZoom();
      const times = larger();
      /* The north arrow stands over the map: no name runs under it. */
      const arrow = map.getContainer().closest("[data-stage]").querySelector(".north");
      const side = arrow && arrow.getBoundingClientRect();
      const own = map.getContainer().getBoundingClientRect();
      const taken = side && side.width ? [[side.left - own.left, side.top - own.top, side.right - own.left, side.bottom - own.top]] : [];
      let drawn = 0;
      for (const name of this.names) {
        const kind = KINDS[name.kind];
        if (zoom < kind.from) continue;
        const point = map.latLngToContainerPoint([name.at[1], name.at[0]]);
        if (point.x < -80 || point.y < -30 || point.x > size.x + 80 || point.y > size.y + 30) continue;
        const pixels = scaled(kind.size(zoom), times);
        pen.font = kind.weight + " " + pixels + "px " + kind.face;
        pen.letterSpacing = kind.space * pixels + "px";
        const width = pen.measureText(name.text).width;
        const gap = pixels * 0.6;
        const anchors = name.kind === "marker" || kind.beside
          ? [[gap, 0], [-gap - width, 0], [-width / 2, -gap * 1.8], [-width / 2, gap * 1.8]]
          : name.kind === "pin" ? [[-width / 2, -8 - pixels]]
          : name.anchor ? [SIDES[name.anchor](width, pixels)]
          : [[-width / 2, 0], [-width / 2, pixels], [-width / 2, -pixels]];
        for (const [dx, dy] of anchors) {
          const box = [point.x + dx - 3, point.y + dy - pixels * 0.62 - 2, point.x + dx + width + 3, point.y + dy + pixels * 0.62 + 2];
          if (taken.some((b) => box[0] < b[2] && box[2] > b[0] && box[1] < b[3] && box[3] > b[1])) continue;
          taken.push(box);
          if (name.kind === "pin") break;
          pen.strokeStyle = "rgba(255,253,247,.92)";
          pen.lineWidth = 3;
          if (kind.place) pen.strokeText(name.text, point.x + dx, point.y + dy);
          pen.fillStyle = kind.colour;
          pen.fillText(name.text, point.x + dx, point.y + dy);
          drawn += 1;
          break;
        }
      }
      map.getContainer().closest("[data-stage]").dataset.labels = String(drawn);
      window.Yudi.placed = taken;
    },
  });

  /* names: [{text, kind, at: [lon, lat], rank}]; ways: [{text, geometry}] named along their course. */
  function labels(map, layer, names, ways) {
    if (layer && layer.getMaplibreMap) {
      const drawing = layer.getMaplibreMap();
      const give = () => {
        if (larger() > 1 && !(drawing.getStyle().metadata || {})["yudi:scaled"])
          for (const { id, type, layout } of drawing.getStyle().layers)
            if (type === "symbol" && layout["text-size"]) drawing.setLayoutProperty(id, "text-size", scaled(layout["text-size"], larger()));
        drawing.getSource("names").setData({
          type: "FeatureCollection",
          features: names.map((n) => ({
            type: "Feature",
            properties: { text: n.text, kind: n.kind, rank: n.rank, anchor: n.anchor || "center" },
            geometry: { type: "Point", coordinates: n.at },
          })),
        });
        drawing.getSource("ways").setData({
          type: "FeatureCollection",
          features: ways.map((w) => ({ type: "Feature", properties: { text: w.text }, geometry: w.geometry })),
        });
      };
      const count = () => {
        const layers = drawing.getStyle().layers.filter((l) => l.type === "symbol" && l.id !== "outside" && l.id !== "pins").map((l) => l.id);
        const shown = drawing.queryRenderedFeatures({ layers }).map((f) => f.layer.id + (f.properties.text || f.properties.label));
        map.getContainer().closest("[data-stage]").dataset.labels = String(new Set(shown).size);
      };
      if (drawing.isStyleLoaded()) give();
      else drawing.once("load", give);
      drawing.on("idle", count);
      return drawing;
    }
    const along = ways.map((w) => ({ text: w.text, kind: "way", at: middle(w.geometry), rank: 0 }));
    canvasLayer = new CanvasLabels(names.concat(along)).addTo(map);
    return null;
  }

  /* Further names on the canvas, in place of those given before; the units' names stay. */
  function placeNames(map, names) {
    if (!canvasLayer) return;
    canvasLayer.give(names);
  }

  window.Yudi.labels = labels;
  window.Yudi.placeNames = placeNames;
  window.Yudi.scaled = scaled;
  window.Yudi.larger = larger;
})();
