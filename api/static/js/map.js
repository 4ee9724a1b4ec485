/* What every map shares: data of the page, pane for the names, card, list twin, panels, controls.
   A classic script, because a map saved as one file is opened from disk, where modules cannot load.
   Text reaches the page through textContent alone. */
(function () {
  "use strict";

  const narrow = () => window.matchMedia("(max-width: 720px)").matches;
  /* Of a tablet held upright: open panels would cover half of the map. */
  const slim = () => window.matchMedia("(max-width: 1000px)").matches;
  const calm = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;

  /* 长辈版: nothing comes and goes over the map; what a sign is called stands in the list. */
  if (document.body.classList.contains("elder")) {
    const bind = L.Layer.prototype.bindTooltip;
    L.Layer.include({ bindTooltip(content, options) { return options && options.permanent ? bind.call(this, content, options) : this; } });
  }

  function element(tag, className, text) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (text !== undefined && text !== null) made.textContent = text;
    return made;
  }

  let held = null;

  function data() {
    if (held === null) held = JSON.parse(document.getElementById("map-data").textContent);
    return held;
  }

  /* Hand the map over to its own script, once all of its data are here: what a page leaves out, so that it stays
     small, is fetched from the address that it names. */
  async function begin(run, map, layer) {
    const page = data();
    if (page.rest) {
      /* Asked for already while the engine was on its way (maps/page.py), and what is drawn on the ground with it. */
      const { rest, source } = window.yudiComing || {};
      window.yudiComing = null;
      page.coming = source || null;
      try {
        const answer = await (rest || fetch(page.rest, { credentials: "omit" }));
        if (!answer.ok) throw new Error(String(answer.status));
        Object.assign(page, await answer.json());
      } catch {
        const stage = map.getContainer().closest("[data-stage]");
        const box = element("div", "panel map-failed", page.words.map_failed + " ");
        box.setAttribute("role", "alert");
        const again = element("button", "button", page.words.again);
        again.type = "button";
        again.addEventListener("click", () => { box.remove(); begin(run, map, layer); });
        box.append(again);
        stage.append(box);
        return;
      }
    }
    window.Yudi[run](map, layer);
  }

  let drawable;

  /* Whether the browser has WebGL2, which MapLibre needs. */
  function canDraw() {
    if (drawable === undefined) {
      drawable = false;
      if (!/[?&]labels=canvas/.test(window.location.search)) {
        try {
          const context = document.createElement("canvas").getContext("webgl2");
          drawable = Boolean(context);
          const loser = context && context.getExtension("WEBGL_lose_context");
          if (loser) loser.loseContext();
        } catch {
          drawable = false;
        }
      }
    }
    return drawable;
  }

  let told = false;

  /* Whether MapLibre can draw here. The worker's address is given where the policy forbids blob workers. */
  function gl(worker) {
    const works = Boolean(window.maplibregl) && canDraw();
    if (works && worker && !told) {
      window.maplibregl.setWorkerUrl(worker);
      told = true;
    }
    return works;
  }

  /* The pane of the names must exist before the label layer is added, so it is made as maps are. */
  L.Map.addInitHook(function () {
    const pane = this.createPane("labels");
    pane.classList.add("labels-pane");
    if (under) {
      for (const layer of under.layers)
        L.tileLayer(`/basemap/${layer}/{z}/{x}/{y}`, { minZoom: 1, maxNativeZoom: under.last, maxZoom: 19 }).addTo(this);
    }
  });

  /* The ground from outside, where one is configured. Our own areas are then drawn so that it shows through. */
  const block = document.getElementById("map-data");
  const under = block ? JSON.parse(block.textContent).basemap || null : null;
  const cover = under ? 0.3 : 1;

  /* A position as a GCJ-02 basemap shows it: geo/crs/gcj02.py, and a test compares the two. */
  function gcj02(lng, lat) {
    if (lng < 72.004 || lng > 137.8347 || lat < 0.8293 || lat > 55.8271) return [lng, lat];
    const { PI, sin, sqrt, abs, cos } = Math;
    const a = 6378245, ee = 0.00669342162296594323;
    const x = lng - 105, y = lat - 35;
    const wave = ((20 * sin(6 * x * PI) + 20 * sin(2 * x * PI)) * 2) / 3;
    const north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x)) + wave +
      ((20 * sin(y * PI) + 40 * sin((y / 3) * PI)) * 2) / 3 + ((160 * sin((y / 12) * PI) + 320 * sin((y * PI) / 30)) * 2) / 3;
    const east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x)) + wave +
      ((20 * sin(x * PI) + 40 * sin((x / 3) * PI)) * 2) / 3 + ((150 * sin((x / 12) * PI) + 300 * sin((x / 30) * PI)) * 2) / 3;
    const radians = (lat * PI) / 180;
    const magic = 1 - ee * sin(radians) ** 2;
    return [
      lng + (east * 180) / ((a / sqrt(magic)) * cos(radians) * PI),
      lat + (north * 180) / (((a * (1 - ee)) / (magic * sqrt(magic))) * PI),
    ];
  }

  /* Over a GCJ-02 basemap what is shown is shifted, by the projection alone: positions in data, addresses and answers
     stay what they are. */
  const mercator = L.Projection.SphericalMercator;
  const Shifted = L.extend({}, mercator, {
    project(at) {
      const [lng, lat] = gcj02(at.lng, at.lat);
      return mercator.project(L.latLng(lat, lng));
    },
    unproject(point) {
      const to = mercator.unproject(point);
      let { lng, lat } = to;
      for (let i = 0; i < 4; i += 1) {
        const [x, y] = gcj02(lng, lat);
        lng += to.lng - x;
        lat += to.lat - y;
      }
      return L.latLng(lat, lng);
    },
  });
  if (under && under.datum === "gcj02") L.Map.mergeOptions({ crs: L.extend({}, L.CRS.EPSG3857, { code: "GCJ-02", projection: Shifted }) });

  /* Space that the panels take from the map, for fitting: [left, top, right, bottom] in pixels. */
  function padding(stage) {
    const box = stage.getBoundingClientRect();
    /* In the elder version nothing lies over the map. */
    if (document.body.classList.contains("elder")) return [20, 20, 90, 20];
    if (narrow()) {
      const title = stage.querySelector(".panel-title");
      const top = title ? title.getBoundingClientRect().bottom - box.top : 0;
      return [16, Math.max(top, 0) + 16, 16, 110];
    }
    const title = stage.querySelector(".panel-title");
    const beside = title || stage.querySelector(".panel-legend[open]");
    const wide = beside && box.width > (title && !document.body.classList.contains("embed") ? 900 : 620);
    /* On a tablet the panels are folded, one below the other, and the map begins below them. */
    const folded = !wide && title ? (stage.querySelector(".panel-list:not([open])") || title).getBoundingClientRect().bottom - box.top + 12 : 30;
    return [wide ? beside.getBoundingClientRect().right - box.left + 24 : 30, Math.min(folded, box.height / 3), 84, 56];
  }

  function fit(map, stage, bounds, maxZoom) {
    const [left, top, right, bottom] = padding(stage);
    map.fitBounds(bounds, {
      paddingTopLeft: [left, top],
      paddingBottomRight: [right, bottom],
      maxZoom: maxZoom || 17,
      animate: !calm() && map._loaded === true && Boolean(map._yudiReady),
    });
  }

  function corners(bounds) {
    return L.latLngBounds([bounds[1], bounds[0]], [bounds[3], bounds[2]]);
  }

  /* The address keeps the view in its fragment, beside what else stands there: v=zoom/latitude/longitude. Nothing of a
     fragment is ever sent. */
  function view() {
    const [zoom, lat, lng] = (new URLSearchParams(window.location.hash.slice(1)).get("v") || "").split("/").map(Number);
    return [zoom, lat, lng].every(Number.isFinite) ? { zoom, at: [lat, lng] } : null;
  }

  /* Change parts of the fragment; null takes one away. */
  function keep(changes) {
    const parts = new URLSearchParams(window.location.hash.slice(1));
    for (const [key, value] of Object.entries(changes))
      if (value === null) parts.delete(key);
      else parts.set(key, value);
    for (const [key, value] of [...parts]) if (value === "") parts.delete(key);
    const text = String(parts).replace(/%2F/g, "/").replace(/%2C/g, ",");
    try {
      window.history.replaceState(null, "", window.location.pathname + window.location.search + (text && "#" + text));
      window.dispatchEvent(new Event("yudi:kept"));
    } catch {
      /* A page opened from disk may have no history to write. */
    }
  }

  /* Take the view that a shared link has, and keep it from then on, on pages that can be shared. */
  function keepView(map) {
    const shared = document.querySelector("[data-share]");
    if (!shared && !document.body.classList.contains("embed")) return;
    const given = view();
    if (given) map.setView(given.at, given.zoom, { animate: false });
    if (shared)
      map.on("moveend", () => {
        const centre = map.getCenter();
        if (map._yudiReady) keep({ v: [map.getZoom().toFixed(2), centre.lat.toFixed(4), centre.lng.toFixed(4)].join("/") });
      });
  }

  /* Zoom, whole map and scale, bottom right; labelled in the page's language. */
  function controls(map, stage, words, bounds) {
    const Zoom = L.Control.extend({
      options: { position: "bottomright" },
      onAdd() {
        const bar = element("div", "zoom-bar");
        const steps = [
          ["+", words.zoom_in, () => map.zoomIn(1)],
          ["−", words.zoom_out, () => map.zoomOut(1)],
          ["⤢", words.whole, () => fit(map, stage, bounds)],
        ];
        for (const [sign, label, act] of steps) {
          const button = element("button", "zoom-button", sign);
          button.type = "button";
          button.setAttribute("aria-label", label);
          button.title = label;
          button.addEventListener("click", act);
          bar.append(button);
        }
        L.DomEvent.disableClickPropagation(bar);
        return bar;
      },
    });
    map.addControl(new Zoom());
    L.control.scale({ imperial: false, position: "bottomright", maxWidth: 90 }).addTo(map);
    keepView(map);
  }

  /* The popup: a card at the right on a desk, a sheet at the bottom on a phone. */
  function Card(stage, words, onClose) {
    const box = stage.querySelector("[data-card]");
    let before = null;

    function close() {
      if (box.hidden) return;
      box.hidden = true;
      stage.classList.remove("has-card");
      onClose();
      if (before && document.contains(before)) before.focus({ preventScroll: true });
    }

    function show(thing, options) {
      before = options && options.from ? options.from : null;
      box.replaceChildren();
      const head = element("div", "card-head");
      const titles = element("div", "card-titles");
      titles.append(element("p", "card-kind", thing.kind), element("h2", "card-title", thing.title));
      const shut = element("button", "card-close", "×");
      shut.type = "button";
      shut.setAttribute("aria-label", words.close);
      shut.addEventListener("click", close);
      head.append(titles, shut);
      box.append(head);
      if (thing.text) box.append(element("p", "card-text", thing.text));
      if (thing.facts && thing.facts.length) {
        const list = element("dl", "card-facts");
        for (const [name, value] of thing.facts) list.append(element("dt", "", name), element("dd", "", value));
        box.append(list);
      }
      if (thing.note) box.append(element("p", "card-note", thing.note));
      if (options && options.href) {
        const link = element("a", "card-link", words.details);
        link.href = options.href;
        box.append(link);
      }
      box.hidden = false;
      stage.classList.add("has-card");
    }

    stage.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !box.hidden) {
        close();
        event.stopPropagation();
      }
    });
    return { show, close, box };
  }

  /* A choice that the browser keeps; a page opened from disk may have no store, and does without. */
  function remembered(key) {
    try {
      return window.localStorage.getItem(key);
    } catch {
      return null;
    }
  }

  function remember(key, value) {
    try {
      window.localStorage.setItem(key, value);
    } catch {
      /* No store: the choice lasts as long as the page. */
    }
  }

  /* Panels fold on a phone, one at a time. */
  function panels(stage) {
    const legend = stage.querySelector("[data-legend]");
    const list = stage.querySelector("[data-list]");
    const both = [legend, list].filter(Boolean);
    /* On paper nothing can be pressed. */
    stage.classList.toggle("stage-print", /[?&]print\b/.test(window.location.search));
    if (document.body.classList.contains("elder")) {
      /* Nothing folds over anything: the list stands open below the map. */
      for (const panel of both) panel.open = true;
      return;
    }
    /* A frame of another site is small, however wide: the map comes first. */
    if (slim() || document.body.classList.contains("embed")) for (const panel of both) panel.open = false;
    else if (list) {
      if (window.innerHeight >= 780) list.open = true;
      if (legend) {
        const kept = remembered("yudi-legend");
        if (kept) legend.open = kept === "open";
        legend.addEventListener("toggle", () => {
          if (!narrow()) remember("yudi-legend", legend.open ? "open" : "closed");
        });
      }
    }
    for (const panel of both)
      panel.addEventListener("toggle", () => {
        if (panel.open && narrow()) for (const other of both) if (other !== panel) other.open = false;
      });
  }

  function bounds(geometry) {
    return L.geoJSON({ type: "Feature", properties: {}, geometry }).getBounds();
  }

  /* A ring around the chosen place, drawn over everything but the names. */
  function Ring(map, colour) {
    let ring = null;
    return {
      at(latlng) {
        this.off();
        ring = L.circleMarker(latlng, { radius: 11, color: colour, weight: 2.5, fill: false, interactive: false });
        ring.addTo(map);
      },
      off() {
        if (ring) ring.remove();
        ring = null;
      },
    };
  }

  function ready(map, stage) {
    map.getContainer().tabIndex = 0;
    map._yudiReady = true;
    /* On paper the map may be of another size. */
    window.matchMedia("print").addEventListener("change", () => map.invalidateSize({ animate: false }));
    stage.dataset.ready = "true";
  }

  /* A name as text, for a tooltip. */
  function tip(text) {
    return element("span", "", text);
  }

  /* The ground of a small map, one drawn inside a page: outlines of the units, the whole in view, and what draws on it.
     end(labelLayer) puts the names and the controls over what was drawn meanwhile. */
  function ground(map, options) {
    const page = data();
    const stage = map.getContainer().closest("[data-stage]");
    map.getContainer().setAttribute("aria-label", page.words.map_label);
    map.getContainer().setAttribute("role", "application");
    panels(stage);
    const whole = corners(page.bounds);
    fit(map, stage, whole, options && options.maxZoom);
    const canvas = L.canvas({ padding: 0.4, tolerance: (options && options.tolerance) || 8 });

    /* point: what a point's circle has beside the style. */
    function draw(geometry, style, point) {
      return L.geoJSON(
        { type: "Feature", properties: {}, geometry },
        {
          interactive: false,
          style: (feature) => ({ ...style, ...(/Point/.test(feature.geometry.type) ? point : {}) }),
          renderer: canvas,
          pointToLayer: (_feature, at) => L.circleMarker(at, { renderer: canvas, radius: 3, ...point }),
        },
      ).addTo(map);
    }

    for (const unit of page.units)
      draw(unit.geometry, { color: "#C9BBA6", weight: 1, dashArray: "5 2 1 2", fillColor: "#F7F2E6", fillOpacity: cover, fill: true });

    /* A name that stands on the map without a dot of its own; where it always stands, no other name runs under it. */
    const pins = [];
    function named(at, name, permanent) {
      if (permanent) pins.push({ text: name, kind: "pin", at: [L.latLng(at).lng, L.latLng(at).lat], rank: 0 });
      L.circleMarker(at, { renderer: canvas, radius: 0.1, opacity: 0, fillOpacity: 0, interactive: false })
        .addTo(map)
        .bindTooltip(tip(name), { direction: "top", offset: [0, -8], permanent, className: "name-tip" });
    }

    /* along: names of lines, as {text, geometry}. */
    function end(labelLayer, along) {
      controls(map, stage, page.words, whole);
      window.Yudi.labels(map, labelLayer, page.units.map((u) => ({ text: u.label, kind: "unit", at: u.at, rank: u.rank })).concat(pins), along || []);
      window.addEventListener("resize", () => map.invalidateSize());
      ready(map, stage);
    }
    return { page, stage, canvas, draw, named, end };
  }

  window.Yudi = { cover, gcj02, element, data, begin, canDraw, gl, fit, corners, view, keep, controls, Card, panels, bounds, Ring, ready, narrow, calm, tip, ground };
})();
