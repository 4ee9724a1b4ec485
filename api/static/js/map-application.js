/* The map of an application: the places asked for or announced, and, where the page has a form with [data-shape] and
   [data-coordinates], the tools to draw one. Of a plan the form has such fields for each name ([data-place-row]): one
   is drawn after the other. The form's fields hold what is drawn; names reach the page as text alone. */
(function () {
  "use strict";

  const { element, fit, ground, tip } = window.Yudi;
  const MODES = { point: "point", line: "linestring", polygon: "polygon" };
  const KINDS = { point: "point", linestring: "line", polygon: "polygon" };
  const DIGITS = 7;

  /* "106.83, 29.92" line by line -> [[lon, lat], ...]; null where a line cannot be read. */
  function pairs(text) {
    const found = [];
    for (const line of text.split(/[\n;；]/)) {
      if (!line.trim()) continue;
      const parts = line.trim().split(/[\s,，、]+/).map(Number);
      if (parts.length !== 2 || !parts.every(Number.isFinite)) return null;
      found.push(parts.map((v) => Number(v.toFixed(DIGITS))));
    }
    return found;
  }

  /* The form's fields as GeoJSON; null where they hold no whole shape. */
  function geometry(kind, text) {
    const at = pairs(text);
    if (!at || !at.length) return null;
    if (kind === "point") return at.length === 1 ? { type: "Point", coordinates: at[0] } : null;
    if (kind === "line") return at.length >= 2 ? { type: "LineString", coordinates: at } : null;
    if (kind !== "polygon") return null;
    const ring = at.slice();
    const [first, last] = [ring[0], ring[ring.length - 1]];
    if (first[0] !== last[0] || first[1] !== last[1]) ring.push(first);
    return ring.length >= 4 ? { type: "Polygon", coordinates: [ring] } : null;
  }

  function written(shape) {
    let at = shape.coordinates;
    if (shape.type === "Point") at = [at];
    if (shape.type === "Polygon") at = at[0].slice(0, -1);
    return at.map((pair) => pair.map((v) => String(Number(v.toFixed(DIGITS)))).join(", ")).join("\n");
  }

  function drawing(map, stage, words, colour) {
    const { TerraDraw, TerraDrawPointMode, TerraDrawLineStringMode, TerraDrawPolygonMode, TerraDrawSelectMode } = window.terraDraw;
    const rows = [...document.querySelectorAll("[data-place-row]")];
    let kindField = document.querySelector("[data-shape]");
    let textField = document.querySelector("[data-coordinates]");

    /* The adapter would write its panes' order into a style element, which the site's policy refuses. */
    class Adapter extends window.terraDrawLeafletAdapter.TerraDrawLeafletAdapter {
      createPaneStyleSheet(name, order) {
        const pane = this._map.getPane(name) || this._map.createPane(name);
        pane.style.zIndex = String(order + 600);
        return pane;
      }

      /* A pane that is taken off the page stays in Leaflet's book: what is drawn on it later would not be seen. */
      clearPanes() {}
    }

    const drawn = { pointColor: colour, pointWidth: 7, pointOutlineColor: "#FFFDF8", pointOutlineWidth: 2 };
    const line = { lineStringColor: colour, lineStringWidth: 4, closingPointColor: colour, closingPointWidth: 6 };
    const area = { fillColor: colour, fillOpacity: 0.2, outlineColor: colour, outlineWidth: 3, closingPointColor: colour, closingPointWidth: 6 };
    const vertices = { feature: { draggable: true, coordinates: { midpoints: true, draggable: true, deletable: true } } };
    const tool = new TerraDraw({
      adapter: new Adapter({ lib: L, map, coordinatePrecision: DIGITS }),
      modes: [
        new TerraDrawPointMode({ styles: drawn }),
        new TerraDrawLineStringMode({ styles: line }),
        new TerraDrawPolygonMode({ styles: area }),
        new TerraDrawSelectMode({
          flags: { point: { feature: { draggable: true } }, linestring: vertices, polygon: vertices },
          styles: {
            selectedPointColor: colour, selectedLineStringColor: colour, selectedLineStringWidth: 4,
            selectedPolygonColor: colour, selectedPolygonOutlineColor: colour, selectedPolygonFillOpacity: 0.2,
            selectionPointColor: "#FFFDF8", selectionPointOutlineColor: colour, selectionPointOutlineWidth: 2, selectionPointWidth: 7,
            midPointColor: colour, midPointWidth: 4, midPointOutlineColor: "#FFFDF8", midPointOutlineWidth: 1,
          },
        }),
      ],
    });
    tool.start();

    const shapes = () => tool.getSnapshot().filter((f) => f.properties.mode in KINDS && !f.properties.currentlyDrawing);
    let writing = false;

    function tell() {
      const found = shapes();
      const last = found[found.length - 1];
      writing = true;
      kindField.value = last ? KINDS[last.properties.mode] : "";
      textField.value = last ? written(last.geometry) : "";
      textField.dispatchEvent(new Event("input", { bubbles: true }));
      writing = false;
      stage.dataset.drawn = String(found.length);
      placed();
      document.dispatchEvent(new CustomEvent("yudi:drawn", { detail: last ? last.geometry : null }));
    }

    function clear() {
      tool.clear();
      drop();
    }

    /* What the page's fields say, on the map. */
    function drop() {
      for (const layer of kept) layer.remove();
      kept = [];
    }

    function read(show) {
      tool.clear();
      const shape = geometry(kindField.value, textField.value);
      if (shape) {
        drop();
        const mode = MODES[kindField.value];
        tool.addFeatures([{ type: "Feature", geometry: shape, properties: { mode } }]);
        if (show) {
          const bounds = L.geoJSON(shape).getBounds();
          // Of a plan the names stand together: the map only follows one that is out of sight.
          if (!rows.length || !map.getBounds().contains(bounds)) fit(map, stage, bounds.pad(0.4), 16);
          document.dispatchEvent(new CustomEvent("yudi:drawn", { detail: shape }));
        }
      }
      stage.dataset.drawn = String(shapes().length);
      placed();
    }
    let kept = [];

    /* ---- the names of a plan, one of which is being placed ---- */

    let others = [];
    const field = (row, name) => row.querySelector(`[data-${name}]`);
    const shapeOfRow = (row) => geometry(field(row, "shape").value, field(row, "coordinates").value);
    const nameOf = (row) => row.querySelector("[data-place-choose] span").textContent;
    const current = () => rows.find((row) => field(row, "coordinates") === textField);

    /* What the rows say of their places, and the places of the others on the map. */
    function placed() {
      if (!rows.length) return;
      for (const layer of others) layer.remove();
      others = [];
      const said = document.querySelector("[data-place-rows]").dataset;
      for (const row of rows) {
        const shape = shapeOfRow(row);
        const kind = field(row, "shape").value;
        field(row, "place-said").textContent = shape || kind === "keep" ? said[kind] : said.none;
        row.classList.toggle("placed", Boolean(shape));
        row.classList.toggle("placing", row === current());
        if (!shape || row === current()) continue;
        const layer = L.geoJSON(shape, {
          style: { color: colour, weight: 3, opacity: 0.65 },
          pointToLayer: (_, at) => L.circleMarker(at, { radius: 6, color: "#FFFDF8", weight: 2, fillColor: colour, fillOpacity: 0.8 }),
          interactive: false,
        }).addTo(map);
        layer.bindTooltip(tip(nameOf(row)), { permanent: rows.length <= 30, direction: "top", className: "name-tip" });
        others.push(layer);
      }
    }

    function pick(row) {
      kindField = field(row, "shape");
      textField = field(row, "coordinates");
      field(row, "place-choose").querySelector("input").checked = true;
      read(false);
    }

    /* On to the next name without a place, which is drawn in the same way. */
    function onward(mode) {
      const at = rows.indexOf(current());
      const next = [...rows.slice(at + 1), ...rows.slice(0, at)].find((row) => !field(row, "coordinates").value.trim() && field(row, "shape").value !== "keep");
      if (!next) return choose("static");
      pick(next);
      choose(mode);
      help.textContent = `${words.draw_next} ${nameOf(next)}`;
      return undefined;
    }

    const bar = element("div", "draw-bar");
    bar.setAttribute("role", "toolbar");
    bar.setAttribute("aria-label", words.draw_tools);
    const help = element("p", "draw-help", words.draw_help);
    help.setAttribute("role", "status");
    const buttons = new Map();

    function choose(mode) {
      tool.setMode(mode);
      for (const [name, button] of buttons) button.setAttribute("aria-pressed", String(name === mode));
      done.hidden = mode !== "linestring" && mode !== "polygon";
      if (mode === "static") help.textContent = words.draw_help;
      else if (mode === "select") help.textContent = words.draw_help_change;
      else help.textContent = mode === "point" ? words.draw_help : words.draw_help_line;
    }

    function button(text, act) {
      const made = element("button", "draw-button", text);
      made.type = "button";
      made.addEventListener("click", act);
      bar.append(made);
      return made;
    }

    for (const [mode, text] of [["point", words.draw_point], ["linestring", words.draw_line], ["polygon", words.draw_polygon], ["select", words.draw_change]]) {
      const made = button(text, () => choose(made.getAttribute("aria-pressed") === "true" ? "static" : mode));
      made.dataset.mode = mode;
      made.setAttribute("aria-pressed", "false");
      buttons.set(mode, made);
    }
    const done = button(words.draw_done, () => {
      map.getContainer().dispatchEvent(new KeyboardEvent("keyup", { key: "Enter" }));
    });
    done.dataset.mode = "done";
    done.hidden = true;
    button(words.draw_clear, () => { clear(); choose("static"); tell(); });
    const place = document.querySelector("[data-draw-tools]");
    place.append(bar, help);

    tool.on("finish", (id, about) => {
      if (about && about.action !== "draw") { tell(); return; }
      drop();
      const others = shapes().filter((f) => f.id !== id).map((f) => f.id);
      if (others.length) tool.removeFeatures(others);
      const mode = tool.getMode();
      tell();
      if (rows.length) onward(mode);
      else choose("static");
    });
    for (const [kind, text, row] of rows.length ? rows.map((r) => [field(r, "shape"), field(r, "coordinates"), r]) : [[kindField, textField, null]])
      for (const each of [text, kind]) {
        each.addEventListener("input", () => {
          if (writing) return;
          if (row && row !== current()) pick(row);
          read(false);
        });
        each.addEventListener("change", () => { if (!writing) read(true); });
      }
    for (const row of rows) {
      const chooser = field(row, "place-choose");
      chooser.hidden = false;
      field(row, "place-plain").hidden = true;
      chooser.querySelector("input").addEventListener("change", () => { pick(row); read(true); });
    }
    if (rows.length) pick(rows.find((row) => !shapeOfRow(row)) || rows[0]);
    read(false);
    choose("static");
    return { keep(layers) { if (!shapes().length) kept = layers; else for (const layer of layers) layer.remove(); } };
  }

  function applicationMap(map, labelLayer) {
    const { page, stage, draw, named, end } = ground(map);
    const { theme, words } = page;

    const style = { color: theme.seal, weight: 3.5, fillColor: theme.seal, fillOpacity: 0.2 };
    const layers = page.places.map((place) => {
      const layer = draw(place.geometry, style, { radius: 8, color: "#FFFDF8", weight: 2, fillOpacity: 1 });
      if (place.name && !page.draw) named(layer.getBounds().getCenter(), place.name, page.places.length < 12);
      return layer;
    });

    // Of a plan the form itself holds the places.
    const several = page.draw && document.querySelector("[data-place-row]");
    if (several) for (const layer of layers) layer.remove();
    if (page.draw) drawing(map, stage, words, theme.seal).keep(several ? [] : layers);
    end(labelLayer);
  }

  window.Yudi.applicationMap = applicationMap;
  window.Yudi.shapeOf = geometry;
})();
