/* The map of village names: names where they lie, the list of the same names, filters, search and the card.
   A classic script, as the map may be opened from disk. Text reaches the page through textContent alone. */
(function () {
  "use strict";

  const { data, element, fit, corners, view, keep, controls, Card, panels, Ring, ready, narrow } = window.Yudi;
  /* Bits of a row's flags, as maps/village_map.py sets them. */
  const PROTECTED = 1, STORY = 2, GONE = 16, COMMITTEE = 32;
  const NUMBER = 0, NAME = 1, LABEL = 2, ROMAN = 3, PLAIN = 4, INITIALS = 5, LON = 6, LAT = 7, UNIT = 8, FLAGS = 9, YEAR = 10;
  const AT_ONCE = 200;
  const PERIODS = {
    before1949: (y) => y !== null && y < 1949,
    to1978: (y) => y !== null && y >= 1949 && y <= 1978,
    to2000: (y) => y !== null && y > 1978 && y <= 2000,
    since2000: (y) => y !== null && y > 2000,
    unknown: (y) => y === null,
  };

  function fill(sentence, values) {
    return sentence.replace(/\{(\w+)\}/g, (whole, key) => (key in values ? String(values[key]) : whole));
  }

  /* A symbol of a kind of name, drawn at four times its size for sharp screens. */
  function symbol(kind, colours) {
    const size = 64;
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = size;
    const pen = canvas.getContext("2d");
    const middle = size / 2;
    pen.lineWidth = 5;
    if (kind === "famous") {
      pen.beginPath();
      pen.moveTo(middle, 8); pen.lineTo(size - 8, middle); pen.lineTo(middle, size - 8); pen.lineTo(8, middle);
      pen.closePath();
      pen.fillStyle = colours.famous; pen.fill();
      pen.strokeStyle = "#FFFDF8"; pen.stroke();
    } else if (kind === "gone") {
      pen.strokeStyle = colours.gone; pen.lineWidth = 6; pen.lineCap = "round";
      pen.beginPath();
      pen.moveTo(20, 20); pen.lineTo(44, 44); pen.moveTo(44, 20); pen.lineTo(20, 44);
      pen.stroke();
    } else {
      pen.beginPath();
      pen.arc(middle, middle, kind === "village" ? 13 : 11, 0, 2 * Math.PI);
      pen.fillStyle = kind === "village" ? colours.village : "#FFFDF8"; pen.fill();
      pen.strokeStyle = kind === "village" ? "#FFFDF8" : colours.hamlet; pen.stroke();
    }
    return pen.getImageData(0, 0, size, size);
  }

  function villageMap(map, labelLayer) {
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
        { interactive: false, style: { renderer: canvas, stroke: true, color: "#A08774", weight: 0.8, dashArray: "5 2 1 2", fill: true, fillColor: theme.tints[unit.tint], fillOpacity: window.Yudi.cover } },
      ).addTo(map);
    const underPane = map.createPane("band");
    underPane.classList.add("band-pane");
    const under = L.canvas({ padding: 0.4, pane: "band" });
    if (page.outline && page.outline.coordinates && page.outline.coordinates.length)
      L.geoJSON(
        { type: "Feature", properties: {}, geometry: page.outline },
        { interactive: false, style: { renderer: under, color: theme.district, weight: 1.9, dashArray: "7 2.4 1.2 2.4", fill: false } },
      ).addTo(map);
    let band = null;
    function pickBand() {
      const zoom = String(Math.min(15, Math.max(9, Math.round(map.getZoom()))));
      if (band && band.zoom === zoom) return;
      if (band) band.layer.remove();
      if (!page.bands[zoom]) return;
      band = {
        zoom,
        layer: L.geoJSON(
          { type: "Feature", properties: {}, geometry: page.bands[zoom] },
          { interactive: false, style: { renderer: under, stroke: false, fill: true, fillColor: theme.band, fillOpacity: 0.2 } },
        ).addTo(map),
      };
    }
    map.on("zoomend", pickBand);
    pickBand();

    const form = stage.querySelector("[data-search]");
    const list = stage.querySelector("[data-rows]");
    const empty = stage.querySelector("[data-empty]");
    const count = stage.querySelector("[data-count]");
    const ring = Ring(map, theme.seal);
    const card = Card(stage, words, closed);
    const told = window.Yudi.villageCard({ page, card, kindOf, itemsOf: (number) => state.byName.get(number) || [] });
    const state = { names: [], items: [], shown: [], listed: 0, chosen: null, famous: new Set(), byName: new Map() };
    const marks = L.layerGroup().addTo(map);
    const things = L.layerGroup().addTo(map);

    function kindOf(name) {
      if (name[FLAGS] & GONE) return "gone";
      if (state.famous.has(name[NUMBER])) return "famous";
      return name[FLAGS] & COMMITTEE ? "village" : "hamlet";
    }

    /* Choosing */
    function closed() {
      const row = state.chosen === null ? null : list.querySelector('[data-number="' + state.chosen + '"]');
      unchoose();
      /* Back to its row, also where the list was written anew meanwhile. */
      if (row && (document.activeElement === document.body || card.box.contains(document.activeElement))) row.focus({ preventScroll: true });
    }

    function unchoose() {
      ring.off();
      told.quiet();
      const row = list.querySelector("[aria-current]");
      if (row) row.removeAttribute("aria-current");
      state.chosen = null;
      keepAddress();
    }

    async function choose(name, from) {
      unchoose();
      state.chosen = name[NUMBER];
      const row = list.querySelector('[data-number="' + name[NUMBER] + '"]');
      if (row) row.setAttribute("aria-current", "true");
      if (name[LON] !== null) ring.at([name[LAT], name[LON]]);
      told.show(name, from, null);
      keepAddress();
      try {
        const found = await told.record(name);
        if (state.chosen !== name[NUMBER]) return;
        const held = card.box.contains(document.activeElement);
        told.show(name, from, found);
        if (held) card.box.querySelector(".card-close").focus({ preventScroll: true });
      } catch {
        if (state.chosen === name[NUMBER]) card.box.append(element("p", "card-note", words.villages_failed));
      }
    }

    function goTo(name, from) {
      if (name[LON] !== null) {
        if (pages) pages.hold();
        map.setView([name[LAT], name[LON]], Math.max(map.getZoom(), 13), { animate: false });
      }
      choose(name, from);
      const panel = list.closest("details");
      if (narrow() && panel) panel.open = false;
      const close = card.box.querySelector(".card-close");
      if (close) close.focus({ preventScroll: true });
    }

    /* Filters */
    function wanted() {
      const fields = new FormData(form);
      return {
        q: String(fields.get("q") || "").trim().toLowerCase().normalize("NFD").replace(/[\u0300-\u036f\s'’-]/g, ""),
        township: String(fields.get("township") || ""),
        theme: String(fields.get("theme") || ""),
        period: String(fields.get("period") || ""),
      };
    }

    function fits(name, ask) {
      if (ask.township !== "" && name[UNIT] !== Number(ask.township)) return false;
      if (ask.period && !PERIODS[ask.period](name[YEAR])) return false;
      if (ask.theme === "famous" && !state.famous.has(name[NUMBER])) return false;
      if (ask.theme === "protected" && !(name[FLAGS] & PROTECTED)) return false;
      if (ask.theme === "story" && !(name[FLAGS] & STORY)) return false;
      if (ask.theme === "gone" && !(name[FLAGS] & GONE)) return false;
      if (ask.theme === "village" && !(name[FLAGS] & COMMITTEE)) return false;
      if (ask.theme === "hamlet" && name[FLAGS] & COMMITTEE) return false;
      if (ask.theme.startsWith("item:")) {
        const own = state.byName.get(name[NUMBER]) || [];
        if (!own.some((item) => item.kind === ask.theme.slice(5))) return false;
      }
      if (!ask.q) return true;
      return name[NAME].toLowerCase().includes(ask.q) || name[PLAIN].includes(ask.q) || name[INITIALS].startsWith(ask.q);
    }

    /* The chosen township's own map, with its poster. */
    const part = stage.querySelector("[data-part][hidden]");
    function offerPart(ask) {
      if (!part) return;
      part.hidden = ask.township === "";
      if (ask.township !== "") part.href = "/maps/villages?township=" + page.units[ask.township].code;
    }

    function apply(keepView) {
      const ask = wanted();
      offerPart(ask);
      if (pages) return pages.begin(ask, keepView);
      state.shown = state.names.filter((name) => fits(name, ask));
      list.replaceChildren();
      state.listed = 0;
      more();
      count.textContent = fill(words.villages_shown, { shown: state.shown.length, count: state.names.length });
      empty.textContent = words.villages_none;
      empty.hidden = state.shown.length > 0;
      draw();
      drawItems(ask);
      if (!keepView && (ask.q || ask.township !== "" || ask.theme || ask.period)) {
        const placed = state.shown.filter((n) => n[LON] !== null);
        if (placed.length) fit(map, stage, L.latLngBounds(placed.map((n) => [n[LAT], n[LON]])), 14);
      }
      keepAddress();
    }

    function moreButton(act) {
      const item = element("li");
      item.dataset.more = "";
      const button = element("button", "button", words.villages_more);
      button.type = "button";
      button.addEventListener("click", act);
      item.append(button);
      list.append(item);
    }

    function more() {
      const old = list.querySelector("[data-more]");
      if (old) old.remove();
      const until = Math.min(state.shown.length, state.listed + AT_ONCE);
      for (let i = state.listed; i < until; i += 1) list.append(rowOf(state.shown[i], i + 1));
      state.listed = until;
      if (until < state.shown.length) moreButton(more);
    }

    function rowOf(name, place) {
      const item = element("li");
      const button = element("button", "row row-village kind-" + kindOf(name));
      button.type = "button";
      button.dataset.number = name[NUMBER];
      const unit = page.units[name[UNIT]];
      button.append(
        element("span", "row-place", place),
        element("span", "row-name", name[NAME]),
        element("span", "row-state", [name[ROMAN], unit ? unit.title : ""].filter(Boolean).join(" · ")),
      );
      if (state.chosen === name[NUMBER]) button.setAttribute("aria-current", "true");
      button.addEventListener("click", () => goTo(name, button));
      item.append(button);
      return item;
    }

    /* Drawing */
    let drawing = null;

    /* MapLibre's map, from when it is there. */
    function engine(found) {
      drawing = found;
      if (!drawing) return;
      drawing.on("styleimagemissing", (event) => {
        if (["famous", "village", "hamlet", "gone"].includes(event.id) && !drawing.hasImage(event.id))
          drawing.addImage(event.id, symbol(event.id, theme.kinds), { pixelRatio: 4 });
      });
    }
    engine(labelLayer && labelLayer.getMaplibreMap ? labelLayer.getMaplibreMap() : null);

    /* What is drawn of the list: all of it, or the famous where tiles have the rest. */
    function features() {
      return (pages ? pages.drawn() : state.shown)
        .map((name, i) => [name, i + 1])
        .filter(([name]) => name[LON] !== null)
        .map(([name, place]) => ({
          type: "Feature",
          properties: { number: name[NUMBER], text: name[LABEL] || name[NAME], label: name[LABEL] || name[NAME], kind: kindOf(name), rank: place },
          geometry: { type: "Point", coordinates: [name[LON], name[LAT]] },
        }));
    }

    /* Without MapLibre a dot each: small ones while hundreds lie close together. */
    const dot = () => Math.min(3.4, Math.max(1.7, 1.7 + (map.getZoom() - 10) * 0.6));
    map.on("zoomend", () => marks.eachLayer((mark) => mark.setRadius(dot())));

    function draw() {
      if (drawing) {
        const give = () => drawing.getSource("places").setData({ type: "FeatureCollection", features: features() });
        if (drawing.isStyleLoaded() || drawing.getSource("places")) give();
        else drawing.once("load", give);
        return;
      }
      marks.clearLayers();
      if (pages && window.Yudi.canDraw()) return;
      for (const name of state.shown)
        if (name[LON] !== null)
          L.circleMarker([name[LAT], name[LON]], {
            renderer: canvas, radius: dot(), color: "#FFFDF8", weight: map.getZoom() < 11 ? 0.5 : 1, fillColor: theme.kinds[kindOf(name)], fillOpacity: 1, interactive: false,
          }).addTo(marks);
      window.Yudi.placeNames(map, features().map((f) => ({ text: f.properties.text, kind: f.properties.kind, at: f.geometry.coordinates, rank: f.properties.rank })));
    }

    function drawItems(ask) {
      things.clearLayers();
      for (const item of state.items) {
        if (!item.at) continue;
        if (ask.township !== "" && item.unit !== Number(ask.township)) continue;
        if (ask.theme.startsWith("item:") && item.kind !== ask.theme.slice(5)) continue;
        L.circleMarker([item.at[1], item.at[0]], {
          renderer: canvas, radius: 6, color: "#FFFDF8", weight: 1.5, fillColor: theme.items[item.kind], fillOpacity: 0.95,
        })
          .on("click", (event) => {
            L.DomEvent.stopPropagation(event);
            unchoose();
            ring.at(event.target.getLatLng());
            card.show({
              kind: item.kind_name,
              title: item.title,
              text: item.says,
              facts: [[words.item_on, item.on], [words.responsible, item.responsible]].filter(([, v]) => v),
              note: item.demo ? words.demo_mark : null,
            });
          })
          .addTo(things);
      }
    }

    /* The nearest name to a press: what is drawn first, then what lies there. */
    map.on("click", (event) => {
      if (pages && drawing) {
        const name = pages.at(event);
        return name ? choose(name, null) : card.close();
      }
      const at = map.latLngToContainerPoint(event.latlng);
      if (drawing) {
        const point = drawing.project([event.latlng.lng, event.latlng.lat]);
        const hit = drawing.queryRenderedFeatures(
          [[point.x - 14, point.y - 14], [point.x + 14, point.y + 14]],
          { layers: ["famous", "village", "hamlet", "gone"] },
        )[0];
        const name = hit && state.shown.find((n) => n[NUMBER] === hit.properties.number);
        if (name) return choose(name, null);
      }
      let best = null, distance = 18;
      for (const name of state.shown) {
        if (name[LON] === null) continue;
        const away = map.latLngToContainerPoint([name[LAT], name[LON]]).distanceTo(at);
        if (away < distance) { best = name; distance = away; }
      }
      return best ? choose(best, null) : card.close();
    });

    /* The address keeps the view, the filters and the choice, in its fragment: nothing of it is sent. */
    let keeping = false;
    function keepAddress() {
      if (!keeping) return;
      const fields = new FormData(form);
      const parts = { name: state.chosen === null ? null : String(state.chosen) };
      for (const key of ["q", "township", "theme", "period"]) parts[key] = fields.get(key) || null;
      const centre = map.getCenter();
      parts.v = [map.getZoom().toFixed(2), centre.lat.toFixed(4), centre.lng.toFixed(4)].join("/");
      keep(parts);
    }

    function fromAddress() {
      const parts = new URLSearchParams(window.location.hash.slice(1));
      for (const key of ["q", "township", "theme", "period"]) if (parts.get(key) && form.elements[key]) form.elements[key].value = parts.get(key);
      if (parts.get("township") || parts.get("theme") || parts.get("period")) stage.querySelector("[data-filters]").open = true;
      const given = view();
      if (given) map.setView(given.at, given.zoom, { animate: false });
      return { given: given !== null, name: Number(parts.get("name")) };
    }

    function takeItems(items) {
      state.items = items;
      for (const item of items)
        for (const number of item.names) {
          if (!state.byName.has(number)) state.byName.set(number, []);
          state.byName.get(number).push(item);
        }
    }

    function take(contents) {
      state.names = contents.names;
      takeItems(contents.items);
      for (const name of state.names)
        if (name[FLAGS] & PROTECTED || state.byName.has(name[NUMBER])) state.famous.add(name[NUMBER]);
      /* The order of the list and of the labels: famous first, then as the register ranks them. */
      state.names = state.names.map((n, i) => [n, i]).sort((a, b) => state.famous.has(b[0][NUMBER]) - state.famous.has(a[0][NUMBER]) || a[1] - b[1]).map(([n]) => n);
      const asked = fromAddress();
      apply(asked.given);
      keeping = true;
      const name = asked.name && state.names.find((n) => n[NUMBER] === asked.name);
      if (name) {
        if (!asked.given && name[LON] !== null) map.setView([name[LAT], name[LON]], 13, { animate: false });
        choose(name, null);
      }
      stage.dataset.names = String(state.names.length);
    }

    function failed(again) {
      empty.hidden = false;
      empty.textContent = words.villages_failed + " ";
      const button = element("button", "button", words.again);
      button.type = "button";
      button.addEventListener("click", again);
      empty.append(button);
    }

    async function load() {
      if (pages) {
        takeItems(page.items);
        const asked = fromAddress();
        await apply(asked.given);
        keeping = true;
        if (asked.name) pages.one(asked.name, (name) => (asked.given ? choose(name, null) : goTo(name, null)));
        return undefined;
      }
      if (page.contents) return take(page.contents);
      try {
        const coming = page.coming || fetch(page.source, { credentials: "omit" });
        page.coming = null;
        const answer = await coming;
        if (!answer.ok) throw new Error(String(answer.status));
        take(await answer.json());
      } catch {
        failed(load);
      }
      return undefined;
    }

    /* While a row is being pressed the list stays as it is: written anew under the finger, the press would be lost. */
    let pressed = false, put = null;
    list.addEventListener("pointerdown", () => { pressed = true; });
    for (const end of ["pointerup", "pointercancel"])
      window.addEventListener(end, () => {
        if (!pressed) return;
        /* The click comes after this event. */
        setTimeout(() => {
          pressed = false;
          if (put) put();
          put = null;
        });
      });

    let typing = null;
    form.addEventListener("input", (event) => {
      if (event.isComposing) return;
      clearTimeout(typing);
      put = null;
      const now = () => apply(event.target.name === "q" && event.target.value.length < 2);
      typing = setTimeout(() => { if (pressed) put = now; else now(); }, 180);
    });
    form.addEventListener("compositionend", () => apply(false));
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      await apply(false);
      if (state.shown.length === 1) goTo(state.shown[0], form.elements.q);
      else {
        const panel = list.closest("details");
        if (panel) panel.open = true;
        const first = list.querySelector("button");
        if (first) first.focus();
      }
    });
    map.on("moveend", keepAddress);
    controls(map, stage, words, whole);
    const townships = page.units.map((u) => ({ text: u.label, kind: "unit", at: u.at, rank: u.rank }));
    const pages = page.tiled
      ? window.Yudi.villagePages({ page, map, stage, form, list, count, empty, state, words, rowOf, moreButton, draw, drawItems, failed, wanted, keepAddress, layer: labelLayer, engine, began: () => drawing, townships })
      : null;
    if (!pages || !window.Yudi.canDraw()) window.Yudi.labels(map, labelLayer, townships, []);
    window.addEventListener("resize", () => map.invalidateSize());
    load();
    ready(map, stage);
  }

  window.Yudi.villageMap = villageMap;
})();
