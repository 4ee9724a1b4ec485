/* The elderly-care map: pins and list are the same items in the same order, read from the rows of the list. A page holds a
   part of a long list; the whole comes beside it, written by the server as that part is. Filters answer at once; walking
   times are asked of the server with the position in the request's body, and the position stays in the address's fragment.
   Every text that is written here is data and reaches the page as text nodes only. */
(function () {
  "use strict";

  const { data, element, fit, corners, controls, Card, panels, Ring, ready, calm } = window.Yudi;
  const SHAPES = { bowl: 0, square: 1, house: 2, triangle: 3, cross: 4, circle: 5, diamond: 6 };

  /* A pin on the canvas: the shape of its kind, its number inside where there is room. */
  const Pin = L.CircleMarker.extend({
    _updatePath() { this._renderer._updatePin(this); },
  });
  L.Canvas.include({
    _updatePin(layer) {
      if (!this._drawing || layer._empty()) return;
      const at = layer._point, r = layer._radius, ctx = this._ctx, o = layer.options;
      ctx.beginPath();
      outline(ctx, o.symbol, at.x, at.y, r);
      ctx.globalAlpha = 1;
      ctx.fillStyle = o.fillColor;
      ctx.strokeStyle = "#FFFDF8";
      ctx.lineWidth = 1.6;
      ctx.lineJoin = "round";
      ctx.fill();
      ctx.stroke();
      if (o.text && r > 8) {
        ctx.fillStyle = "#FFFFFF";
        ctx.font = `700 ${Math.round(r * (o.text.length > 2 ? 0.92 : 1.1))}px "Noto Sans CJK SC", "Source Han Sans SC", sans-serif`;
        ctx.textAlign = "center";
        ctx.textBaseline = "middle";
        ctx.fillText(o.text, at.x, at.y + (o.symbol === "triangle" ? 3 : o.symbol === "bowl" ? 2 : 1));
      }
    },
  });

  function outline(ctx, symbol, x, y, r) {
    const to = (points) => points.forEach(([a, b], i) => (i ? ctx.lineTo(x + a * r, y + b * r) : ctx.moveTo(x + a * r, y + b * r)));
    switch (SHAPES[symbol]) {
      case 0: ctx.moveTo(x - 1.1 * r, y - 0.75 * r); ctx.lineTo(x + 1.1 * r, y - 0.75 * r); ctx.arc(x, y - 0.1 * r, 1.1 * r, -0.1, Math.PI + 0.1); break;
      case 1: to([[-0.95, -0.95], [0.95, -0.95], [0.95, 0.95], [-0.95, 0.95]]); break;
      case 2: to([[0, -1.25], [1.05, -0.4], [1.05, 1], [-1.05, 1], [-1.05, -0.4]]); break;
      case 3: to([[0, -1.35], [1.3, 0.95], [-1.3, 0.95]]); break;
      case 4: to([[-0.45, -1.1], [0.45, -1.1], [0.45, -0.45], [1.1, -0.45], [1.1, 0.45], [0.45, 0.45], [0.45, 1.1], [-0.45, 1.1], [-0.45, 0.45], [-1.1, 0.45], [-1.1, -0.45], [-0.45, -0.45]]); break;
      case 6: to([[0, -1.25], [1.25, 0], [0, 1.25], [-1.25, 0]]); break;
      default: ctx.arc(x, y, r, 0, 2 * Math.PI);
    }
    ctx.closePath();
  }

  /* A facility as its row has it. */
  function itemOf(li) {
    const of = li.dataset;
    const name = li.querySelector("h3");
    const link = name.querySelector("a");
    const at = of.at ? of.at.split(",").map(Number) : null;
    return {
      n: Number(of.n), li, name: name.textContent, kind: of.kind, group: of.group, symbol: of.symbol, mode: of.mode, unit: of.unit,
      services: of.services.split(" "), open: of.open, at, phone: of.phone, says: li.querySelector(".care-open").textContent,
      words: `${name.textContent} ${of.where}`.toLowerCase(), href: link ? link.getAttribute("href") : null,
      get facts() { return JSON.parse(of.facts); },
    };
  }

  /* The whole list: rows that stand in the page already stay, with what was chosen in them. */
  function wholeList(list, written) {
    const known = new Map([...list.children].map((li) => [li.dataset.n, li]));
    const come = new DOMParser().parseFromString(`<ol>${written}</ol>`, "text/html").querySelectorAll("li.care-item");
    const rows = [...come].map((li) => {
      const here = known.get(li.dataset.n);
      if (here) Object.assign(here.dataset, li.dataset);
      return here || document.adoptNode(li);
    });
    const focused = list.contains(document.activeElement) ? document.activeElement : null;
    list.replaceChildren(...rows);
    if (focused) focused.focus({ preventScroll: true });
    return rows;
  }

  function careMap(map, labelLayer) {
    const page = data();
    const { words } = page;
    const root = document.querySelector("[data-care]");
    const stage = map.getContainer().closest("[data-stage]");
    const elder = document.body.classList.contains("elder");
    map.getContainer().setAttribute("aria-label", words.map_label);
    map.getContainer().setAttribute("role", "application");
    panels(stage);
    const whole = corners(page.bounds);
    fit(map, stage, whole);
    const canvas = L.canvas({ padding: 0.4, tolerance: 6 });
    const ground = L.canvas({ padding: 0.4, pane: "overlayPane" });

    for (const unit of page.units)
      L.geoJSON(
        { type: "Feature", properties: {}, geometry: unit.geometry },
        { interactive: false, style: { renderer: ground, color: "#C9BBA6", weight: 1, dashArray: "5 2 1 2", fillColor: "#F7F2E6", fillOpacity: window.Yudi.cover, fill: true } },
      ).addTo(map);
    const reached = L.layerGroup().addTo(map);
    const pins = L.layerGroup().addTo(map);

    const list = root.querySelector("[data-list-of]");
    const rows = page.list === undefined ? [...list.children] : wholeList(list, page.list);
    const items = rows.map(itemOf);
    const turning = root.querySelector("[data-parts]");
    if (turning) turning.hidden = true;
    const count = root.querySelector("[data-count]");
    const empty = root.querySelector("[data-empty]");
    const more = root.querySelector("[data-more]");
    const filters = root.querySelector("[data-filters]");
    const status = root.querySelector("[data-status]");
    const ring = Ring(map, page.theme.seal);
    let shown = [], near = null, room = page.first * page.part, chosen = null;

    const card = Card(stage, words, () => { ring.off(); if (chosen) chosen.li.removeAttribute("aria-current"); chosen = null; });

    /* The list stands outside the stage: its card closes from there too. */
    root.addEventListener("keydown", (event) => { if (event.key === "Escape") card.close(); });

    function asked() {
      const form = new FormData(filters);
      const get = (key) => String(form.get(key) || "");
      return { group: get("group"), unit: get("unit"), mode: get("mode"), service: get("service"), open: get("open"), q: get("q").trim().toLowerCase() };
    }

    function fits(item, want) {
      return (!want.group || item.group === want.group) && (!want.unit || item.unit === want.unit) &&
        (!want.mode || item.mode === want.mode) && (!want.service || item.services.includes(want.service)) &&
        (!want.open || item.open === "open") &&
        (!want.q || item.words.includes(want.q));
    }

    /* One order for both: pins carry the numbers of the list. */
    function draw() {
      const want = asked();
      shown = items.filter((item) => fits(item, want) && (!near || near.has(item.n)));
      if (near) shown.sort((a, b) => near.get(a.n).order - near.get(b.n).order);
      shown.forEach((item, place) => { item.place = place + 1; });
      const visible = new Set(shown.slice(0, room));
      for (const item of items) item.li.hidden = !visible.has(item);
      const ordered = document.createDocumentFragment();
      for (const item of shown) {
        const { li } = item;
        li.querySelector(".care-no").textContent = String(item.place);
        const walk = li.querySelector("[data-walk]");
        const found = near && near.get(item.n);
        walk.hidden = !found;
        if (found) walk.textContent = filled(words.walk, found);
        ordered.append(li);
      }
      list.prepend(ordered);
      count.textContent = filled(words.found, { count: shown.length });
      tellNone(want);
      more.hidden = shown.length <= room;
      drawPins();
    }

    /* Why nothing is listed. What is only closed now can be looked at all the same: each says when it opens. */
    function tellNone(want) {
      empty.hidden = shown.length > 0;
      if (shown.length) return;
      const closed = want.open ? items.filter((item) => fits(item, { ...want, open: "" }) && (!near || near.has(item.n))).length : 0;
      empty.textContent = closed ? filled(words.all_closed, { count: closed }) : near ? words.none_near : words.nothing;
      if (closed) offer(words.show_closed, () => filters.querySelector("[name=open]").click());
      const walk = side("minutes"), farthest = walk && walk.options[walk.options.length - 1].value;
      if (near && walk.value !== farthest)
        offer(filled(words.farther, { minutes: farthest }), () => { walk.value = farthest; walk.dispatchEvent(new Event("change")); });
    }

    function offer(says, act) {
      const button = element("button", "button", says);
      button.type = "button";
      button.addEventListener("click", act);
      empty.append(" ", button);
    }

    /* The column scrolls by itself on a desk; on a phone the page does, and then only for an answer. */
    function bring(node, room) {
      const column = root.querySelector(".care-side");
      const behavior = calm() ? "auto" : "smooth";
      if (column.scrollHeight > column.clientHeight + 4 && getComputedStyle(column).overflowY === "auto") {
        const top = node.getBoundingClientRect().top - column.getBoundingClientRect().top + column.scrollTop - room;
        column.scrollTo({ top, behavior });
      } else if (node === count) stage.scrollIntoView({ block: "start", behavior });
    }

    function filled(text, values) {
      return text.replace(/\{(\w+)\}/g, (_, key) => String(values[key]));
    }

    function drawPins() {
      pins.clearLayers();
      const close = map.getZoom() >= 14 || shown.length <= 40;
      for (const item of [...shown].reverse()) {
        if (!item.at) continue;
        const pin = new Pin([item.at[1], item.at[0]], {
          renderer: canvas, radius: (close ? 11 : 5.5) * (elder ? 2 : 1), symbol: item.symbol, fillColor: page.colours[item.group] || "#4F5B66",
          text: String(item.place), stroke: true,
        });
        const tip = document.createElement("span");
        tip.textContent = `${item.place} ${item.name}`;
        pin.bindTooltip(tip, { direction: "top", offset: [0, -8], className: "name-tip" });
        pin.on("click", (event) => { L.DomEvent.stopPropagation(event); if (!picking) choose(item, false); });
        pin.addTo(pins);
      }
    }
    let close = null;
    map.on("zoomend", () => {
      const now = map.getZoom() >= 14;
      if (now !== close) { close = now; drawPins(); }
    });

    /* A choice in either shows in both; in the elder version the list item is enough, nothing floats. */
    function choose(item, fromList, from) {
      if (chosen) chosen.li.removeAttribute("aria-current");
      const { li } = item;
      if (li.hidden) { room = Math.max(room, item.place); draw(); }
      li.setAttribute("aria-current", "true");
      if (item.at) {
        const at = [item.at[1], item.at[0]];
        ring.at(at);
        if (fromList) {
          map.setView(at, Math.max(map.getZoom(), 16), { animate: !calm() });
          if (window.Yudi.narrow()) stage.scrollIntoView({ block: "start", behavior: calm() ? "auto" : "smooth" });
        }
      }
      if (elder) {
        if (!fromList) li.scrollIntoView({ block: "center" });
        chosen = item;
        return;
      }
      if (!fromList) bring(li, 120);
      card.show({ title: item.name, kind: item.kind, text: item.says, facts: item.facts }, { from, href: item.href || null });
      chosen = item;
      if (item.phone) {
        const call = element("a", "care-call", item.phone);
        call.href = `tel:${item.phone.replace(/[^+0-9]/g, "")}`;
        card.box.querySelector(".card-head").after(call);
      }
      if (item.at && page.nearby) {
        const button = element("button", "button", words.reach);
        button.type = "button";
        button.addEventListener("click", () => area(item));
        card.box.append(button);
      }
    }

    list.addEventListener("click", (event) => {
      const button = event.target.closest("[data-show]");
      if (button) choose(items[rows.indexOf(button.closest("li"))], true, button);
    });
    for (const button of list.querySelectorAll("[data-show]")) button.hidden = false;
    more.addEventListener("click", () => {
      const first = shown[room];
      room += page.first;
      draw();
      const link = first && first.li.querySelector("a, button");
      if (link) link.focus();
    });
    filters.addEventListener("input", () => { room = page.first; draw(); keep(); });
    filters.addEventListener("submit", (event) => { event.preventDefault(); draw(); keep(); });
    const apply = filters.querySelector("[data-apply]");
    if (apply) apply.hidden = true;

    /* The address keeps the filters, and behind # the position, which no server ever gets. */
    function keep() {
      if (!page.nearby) return;
      const want = asked();
      const query = new URLSearchParams(Object.entries(want).filter(([, value]) => value));
      const text = query.toString();
      try { history.replaceState(null, "", `${location.pathname}${text ? "?" + text : ""}${location.hash}`); } catch { /* opened from disk */ }
    }

    // --- near me ------------------------------------------------------------------------------------

    const side = (name) => root.querySelector(`[data-${name}]`);
    let picking = false, start = null, question = 0, given = Boolean(window.Yudi.view());

    function say(text) {
      if (!status) return;
      status.textContent = text || "";
      status.hidden = !text;
    }

    async function ask(lon, lat, minutes, profile, facilitiesToo) {
      const token = document.querySelector('meta[name="csrf"]');
      const reply = await fetch(page.nearby, {
        method: "POST", cache: "no-store", credentials: "same-origin", referrerPolicy: "no-referrer",
        headers: { "Content-Type": "application/json", ...(token ? { "X-CSRF-Token": token.content } : {}) },
        body: JSON.stringify({ lon, lat, minutes, profile, area: true, limit: facilitiesToo ? 500 : 1 }),
      });
      if (!reply.ok) throw new Error(String(reply.status));
      return reply.json();
    }

    function shape(answer, at) {
      reached.clearLayers();
      if (answer.area)
        L.geoJSON({ type: "Feature", properties: {}, geometry: answer.area }, {
          interactive: false,
          style: { renderer: canvas, color: "#1E5FAF", weight: 2, dashArray: answer.method === "straight" ? "6 6" : null, fillColor: "#1E5FAF", fillOpacity: 0.13 },
        }).addTo(reached);
      if (answer.lines)
        L.geoJSON({ type: "Feature", properties: {}, geometry: answer.lines }, {
          interactive: false, style: { renderer: canvas, color: "#FFFDF8", weight: 3.5, opacity: 0.9 },
        }).addTo(reached);
      if (at) L.circleMarker(at, { renderer: canvas, radius: 7, color: "#FFFDF8", weight: 2.5, fillColor: "#1E5FAF", fillOpacity: 1 }).addTo(reached)
        .bindTooltip(Object.assign(document.createElement("span"), { textContent: words.start }), { permanent: true, direction: "bottom", offset: [0, 8], className: "name-tip" });
      const model = side("model");
      if (model) {
        const streets = answer.streets ? " " + filled(words.network_of, answer.streets) : "";
        const en = page.language === "en" ? "_en" : "";
        model.textContent = `${answer["says" + en]}${en ? ". " : "。"}${answer["parameters" + en]}${streets}`;
        model.hidden = false;
      }
    }

    async function go(lon, lat) {
      const mine = ++question;
      const profile = side("profile").value, minutes = Number(side("minutes").value);
      say(words.computing);
      try {
        const answer = await ask(lon, lat, minutes, profile, true);
        if (mine !== question) return;
        start = [lon, lat];
        near = new Map(answer.items.map((item, order) => [item.number, { order, minutes: item.minutes, there: item.minutes_there, back: item.minutes_back }]));
        room = page.first;
        draw();
        shape(answer, [lat, lon]);
        /* A link that was shared has a view of its own. */
        if (answer.area && !given) fit(map, stage, L.geoJSON({ type: "Feature", properties: {}, geometry: answer.area }).getBounds(), 17);
        given = false;
        say("");
        side("clear").hidden = false;
        if (!elder) bring(count, 0);
        window.Yudi.keep({ at: `${lon.toFixed(5)},${lat.toFixed(5)}`, profile, minutes });
        leaflet(lon, lat, profile, minutes);
      } catch {
        if (mine === question) say(words.answer_failed);
      }
    }

    function leaflet(lon, lat, profile, minutes) {
      const form = root.querySelector("[data-leaflet]");
      if (!form) return;
      const token = document.querySelector('meta[name="csrf"]');
      for (const [key, value] of Object.entries({ lon, lat, profile, minutes, csrf: token ? token.content : "" })) form.elements[key].value = String(value);
      form.hidden = false;
    }

    async function area(item) {
      say(words.computing);
      try {
        const answer = await ask(item.at[0], item.at[1], page.minutes, side("profile").value, false);
        shape(answer, null);
        fit(map, stage, L.geoJSON({ type: "Feature", properties: {}, geometry: answer.area }).getBounds(), 17);
        say(words.area);
      } catch {
        say(words.answer_failed);
      }
    }

    if (page.nearby) {
      side("position").addEventListener("click", () => {
        if (!navigator.geolocation) { say(words.position_failed); return; }
        say(words.computing);
        navigator.geolocation.getCurrentPosition(
          (found) => go(found.coords.longitude, found.coords.latitude),
          () => say(words.position_failed),
          { enableHighAccuracy: true, timeout: 15000, maximumAge: 60000 },
        );
      });
      const pick = side("pick");
      pick.addEventListener("click", () => {
        picking = !picking;
        pick.setAttribute("aria-pressed", String(picking));
        stage.classList.toggle("stage-picking", picking);
        say(picking ? words.picking : "");
        if (picking && window.Yudi.narrow()) stage.scrollIntoView({ block: "start" });
      });
      map.on("click", (event) => {
        if (!picking) return;
        picking = false;
        pick.setAttribute("aria-pressed", "false");
        stage.classList.remove("stage-picking");
        go(event.latlng.lng, event.latlng.lat);
      });
      for (const name of ["profile", "minutes"]) side(name).addEventListener("change", () => { if (start) go(start[0], start[1]); });
      side("clear").addEventListener("click", () => {
        near = null; start = null; question += 1;
        reached.clearLayers();
        side("clear").hidden = true;
        const model = side("model");
        if (model) model.hidden = true;
        const form = root.querySelector("[data-leaflet]");
        if (form) form.hidden = true;
        window.Yudi.keep({ at: null, profile: null, minutes: null });
        say("");
        draw();
        fit(map, stage, whole);
      });
      const kept = new URLSearchParams(location.hash.slice(1));
      const at = (kept.get("at") || "").split(",").map(Number);
      if (at.length === 2 && at.every(Number.isFinite)) {
        for (const name of ["profile", "minutes"]) {
          const select = side(name);
          if ([...select.options].some((o) => o.value === kept.get(name))) select.value = kept.get(name);
        }
        go(at[0], at[1]);
      }
    }

    /* Two to six: the button says so by being ready or not. */
    const compare = root.querySelector("[data-compare]");
    if (compare) {
      const button = compare.querySelector("[type=submit]");
      const check = () => {
        const n = compare.querySelectorAll('input[name="n"]:checked').length;
        button.disabled = n < 2 || n > 6;
        button.parentElement.hidden = n === 0;
      };
      compare.addEventListener("change", check);
      check();
    }

    controls(map, stage, words, whole);
    window.Yudi.labels(map, labelLayer, page.units.map((u) => ({ text: u.label, kind: "unit", at: u.at, rank: u.rank })), []);
    window.addEventListener("resize", () => map.invalidateSize());
    close = map.getZoom() >= 14;
    draw();
    ready(map, stage);
  }

  window.Yudi.careMap = careMap;
})();
