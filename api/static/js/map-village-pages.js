/* The map of village names where there are more than one answer holds: the names come as tiles, the list page by page
   from the server, of what the map shows; what a filter leaves is drawn from the list. A classic script, as the map's own. */
(function () {
  "use strict";

  const { element, fit, canDraw } = window.Yudi;
  const NUMBER = 0, LON = 6, LAT = 7;
  const GONE = 16, COMMITTEE = 32;
  /* Names of one page of the list; more where the map is drawn from the list. */
  const AT_A_TIME = 100, DRAWN = 500;
  const OF_TILES = ["villages-gone", "villages-hamlet", "villages-village"];

  function options(select, pairs) {
    for (const [value, words] of pairs) {
      const option = element("option", "", words);
      option.value = value;
      select.append(option);
    }
  }

  /* A row of the legend, with its sign as maps/village_stage.py draws it. */
  function legendRow([form, colour, words], band) {
    const made = (name, facts) => {
      const node = document.createElementNS("http://www.w3.org/2000/svg", name);
      for (const [key, value] of Object.entries(facts)) node.setAttribute(key, value);
      return node;
    };
    const svg = made("svg", { class: "swatch", width: 34, height: 18, viewBox: "0 0 34 18", "aria-hidden": "true" });
    if (form === "district") svg.append(made("path", { d: "M1 13h32", stroke: band, "stroke-opacity": 0.2, "stroke-width": 7 }));
    svg.append(
      form === "famous" ? made("path", { d: "M17 3.5 22.5 9 17 14.5 11.5 9z", fill: colour })
      : form === "gone" ? made("path", { d: "M13.5 5.5l7 7m0-7l-7 7", stroke: colour, "stroke-width": 1.7 })
      : form === "hamlet" ? made("circle", { cx: 17, cy: 9, r: 3, fill: "#FFFDF8", stroke: colour, "stroke-width": 1.5 })
      : form === "village" ? made("circle", { cx: 17, cy: 9, r: 3.4, fill: colour })
      : form === "district" ? made("path", { d: "M1 9h32", stroke: colour, "stroke-width": 1.9, "stroke-dasharray": "7 2.4 1.2 2.4" })
      : form === "township" ? made("path", { d: "M1 9h32", stroke: colour, "stroke-dasharray": "5 2 1 2" })
      : made("circle", { cx: 17, cy: 9, r: 5.5, fill: colour, stroke: "#FFFDF8", "stroke-width": 1.5 }),
    );
    const row = element("li");
    row.append(svg, element("span", "legend-name", words));
    return row;
  }

  function villagePages(of) {
    const { page, map, stage, form, list, count, empty, state, words } = of;
    const turns = { now: 0, asked: null, after: null, held: false };
    let listStands;
    const standing = new Promise((done) => { listStands = done; });
    options(form.elements.township, page.units.map((unit, i) => [String(i), unit.title]));
    options(form.elements.theme, Object.entries(page.themes));
    options(form.elements.period, Object.entries(page.periods));
    stage.querySelector("[data-legend-rows]").append(...page.legend.map((row) => legendRow(row, page.theme.band)));
    const hint = stage.querySelector("[data-hint]");
    hint.hidden = canDraw();

    const filtered = () => Boolean(turns.asked && (turns.asked.q || turns.asked.theme || turns.asked.period || turns.asked.township !== ""));
    /* Whether the map draws what the list holds, all of it. */
    const listed = () => !canDraw() || filtered();
    /* The names of weight, which are drawn everywhere; the tiles leave them out. */
    let weighty = [];
    const drawn = () => (listed() ? state.shown : weighty);
    const inBox = (ask) => form.elements.box.checked && !ask.q && ask.township === "";

    function query(ask) {
      const asked = new URLSearchParams(page.source.slice(page.source.indexOf("?") + 1));
      asked.set("limit", String(listed() ? DRAWN : AT_A_TIME));
      if (ask.township !== "") asked.set("unit", page.units[ask.township].code);
      for (const key of ["theme", "period"]) if (ask[key]) asked.set(key, ask[key]);
      if (ask.q) asked.set("q", form.elements.q.value.trim());
      if (inBox(ask)) {
        const b = map.getBounds();
        asked.set("bbox", [b.getWest(), b.getSouth(), b.getEast(), b.getNorth()].map((d) => Math.max(-180, Math.min(180, d)).toFixed(4)).join(","));
      }
      if (turns.after) asked.set("cursor", turns.after);
      return page.source.slice(0, page.source.indexOf("?")) + "?" + asked;
    }

    async function begin(ask, keepView) {
      turns.now += 1;
      turns.asked = ask;
      turns.after = null;
      if (!keepView && ask.township !== "") {
        hold();
        fit(map, stage, L.geoJSON(page.units[ask.township].geometry).getBounds(), 14);
      }
      of.keepAddress();
      of.drawItems(ask);
      return next(true, !keepView);
    }

    async function next(first, seek) {
      const turn = turns.now;
      let part;
      try {
        /* The first page has been asked for with the page itself; it is of as many names as are listed beside tiles. */
        const ahead = first && inBox(turns.asked) && !listed() ? page.coming : null;
        page.coming = null;
        const answer = await (ahead || fetch(query(turns.asked), { credentials: "omit" }));
        if (!answer.ok) throw new Error(String(answer.status));
        part = await answer.json();
      } catch {
        if (turn === turns.now) of.failed(() => next(first, seek));
        listStands();
        return;
      }
      if (turn !== turns.now) return;
      for (const number of part.famous) state.famous.add(number);
      if (first) {
        state.shown = [];
        list.replaceChildren();
      }
      const old = list.querySelector("[data-more]");
      if (old) old.remove();
      for (const name of part.names) list.append(of.rowOf(name, state.shown.push(name)));
      turns.after = part.next;
      if (part.next) of.moreButton(() => next(false, false));
      count.textContent = words.villages_shown.replace("{shown}", state.shown.length).replace("{count}", part.matching.toLocaleString());
      empty.textContent = words.villages_none;
      empty.hidden = state.shown.length > 0;
      const placed = state.shown.filter((name) => name[LON] !== null);
      if (seek && turns.asked.q && placed.length) {
        hold();
        fit(map, stage, L.latLngBounds(placed.map((name) => [name[LAT], name[LON]])), 14);
      }
      show();
      stage.dataset.names = String(part.matching);
      listStands();
    }

    /* The tiles' own names, or those of the list in their place. */
    function show() {
      const drawing = of.began();
      if (drawing && drawing.getLayer(OF_TILES[0])) {
        const numbers = weighty.map((name) => name[NUMBER]);
        for (const id of OF_TILES) {
          drawing.setLayoutProperty(id, "visibility", listed() ? "none" : "visible");
          const own = page.style.layers.find((layer) => layer.id === id).filter;
          drawing.setFilter(id, ["all", own, ["!", ["in", ["id"], ["literal", numbers]]]]);
        }
      }
      of.draw();
    }

    async function weigh() {
      try {
        const answer = await fetch(page.source + "&theme=famous&limit=" + DRAWN, { credentials: "omit" });
        if (!answer.ok) return;
        const part = await answer.json();
        weighty = part.names;
        for (const number of part.famous) state.famous.add(number);
        show();
      } catch {
        /* Without them the tiles draw every name by its kind. */
      }
    }

    /* The next move of the map is the script's own and changes nothing in the list. */
    function hold() {
      turns.held = true;
      setTimeout(() => { turns.held = false; }, 400);
    }

    let moving = null;
    map.on("moveend", () => {
      if (turns.held || !turns.asked || !inBox(turns.asked)) return;
      clearTimeout(moving);
      moving = setTimeout(() => begin(of.wanted(), true), 250);
    });

    /* The name at a press: one of the list, or one of the tiles. */
    function at(event) {
      const found = window.Yudi.tileFeature(map, of.layer, event);
      if (!found) return null;
      if (found.source === "places") return drawn().find((name) => name[NUMBER] === found.properties.number) || null;
      if (found.source !== "villages") return null;
      const listed = state.shown.find((name) => name[NUMBER] === found.id);
      if (listed) return listed;
      const { name, status, kind } = found.properties;
      const flags = (GONE * (status !== "standard")) | (COMMITTEE * (kind === "committee"));
      return [found.id, name, 0, "", "", "", found.at[0], found.at[1], -1, flags, null];
    }

    /* The name that a shared link has chosen. */
    async function one(number, act) {
      const listed = state.shown.find((name) => name[NUMBER] === number);
      if (listed) return act(listed);
      try {
        const answer = await fetch(page.source + "&number=" + number, { credentials: "omit" });
        const found = answer.ok ? (await answer.json()).names[0] : null;
        if (found) act(found);
      } catch {
        /* The link's name is not shown; the map and its list are. */
      }
      return undefined;
    }

    /* The engine takes the machine for itself while it begins: only once the list is there, and painted. */
    const painted = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    (async () => {
      await standing;
      await Promise.race([painted(), new Promise((done) => setTimeout(done, 1000))]);
      const drawing = await of.layer.start(page.style, page.symbols).catch(() => null);
      if (!drawing) return;
      of.engine(drawing);
      window.Yudi.labels(map, of.layer, of.townships, []);
      if (drawing.isStyleLoaded()) show();
      else drawing.once("load", show);
      weigh();
    })();

    return { begin, drawn, hold, at, one };
  }

  window.Yudi.villagePages = villagePages;
})();
