/* Suggestions under the search box: a combobox after the ARIA pattern. Without this file the form works as it is. */
const WAIT = 140;
const english = document.documentElement.lang === "en";

function element(tag, cls, text) {
  const made = document.createElement(tag);
  if (cls) made.className = cls;
  if (text !== undefined) made.textContent = text;
  return made;
}

/* Spans count code points, as the interface does. */
function marked(name, spans) {
  const part = document.createDocumentFragment();
  const points = Array.from(name);
  let at = 0;
  for (const [start, end] of spans) {
    part.append(points.slice(at, start).join(""));
    part.append(element("mark", "", points.slice(start, end).join("")));
    at = end;
  }
  part.append(points.slice(at).join(""));
  return part;
}

function combobox(form) {
  const input = form.querySelector("input[name=q]");
  const list = form.querySelector("[role=listbox]");
  const status = form.querySelector("[data-search-status]");
  const words = input.dataset;
  let options = [];
  let chosen = -1;
  let timer = 0;
  let asking = null;
  let typed = input.value;

  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-controls", list.id);
  input.setAttribute("aria-expanded", "false");

  function close() {
    clearTimeout(timer);
    if (asking) asking.abort();
    list.hidden = true;
    choose(-1);
    input.setAttribute("aria-expanded", "false");
  }

  function choose(index) {
    if (options[chosen]) options[chosen].setAttribute("aria-selected", "false");
    chosen = index;
    const option = options[chosen];
    if (!option) { input.removeAttribute("aria-activedescendant"); return; }
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", option.id);
  }

  function optionOf(hit) {
    const option = element("div", "search-option");
    option.setAttribute("role", "option");
    option.setAttribute("aria-selected", "false");
    option.id = `search-option-${options.length}`;
    option.dataset.href = `/names/${hit.number}`;
    const title = element("span");
    const name = element("span", "search-name");
    name.append(marked(hit.name, hit.highlight));
    title.append(name, element("span", "search-pinyin", hit.romanization));
    option.append(title, element("span", "search-why", english ? hit.why_en : hit.why));
    const where = [hit.category, hit.unit_name || hit.unit_code];
    if (hit.standard) where.push(`${words.now} ${hit.standard.name}`);
    else if (hit.status !== "standard") where.push(words.former);
    if (hit.demo) where.push(words.demo);
    option.append(element("span", "search-where", where.join(" · ")));
    options.push(option);
    return option;
  }

  function show(answer) {
    list.replaceChildren();
    options = [];
    chosen = -1;
    input.removeAttribute("aria-activedescendant");
    for (const hit of answer.items) list.append(optionOf(hit));
    if (answer.offers.length) {
      const group = element("div");
      group.setAttribute("role", "group");
      group.setAttribute("aria-label", words.offers);
      const head = element("p", "search-head", words.offers);
      head.setAttribute("aria-hidden", "true");
      group.append(head);
      for (const hit of answer.offers) group.append(optionOf(hit));
      list.append(group);
    }
    if (!options.length) list.append(element("p", "search-note", words.empty));
    status.textContent = options.length ? words.count.replace("#", options.length) : words.empty;
    list.hidden = false;
    list.scrollTop = 0;
    input.setAttribute("aria-expanded", "true");
  }

  async function ask() {
    const q = input.value.trim();
    if (asking) asking.abort();
    if (!q) { close(); return; }
    const mine = asking = new AbortController();
    try {
      const response = await fetch(`/api/v1/suggest?limit=8&q=${encodeURIComponent(q)}`, { signal: mine.signal });
      if (!response.ok) { close(); return; }
      const answer = await response.json();
      if (asking === mine && document.activeElement === input) show(answer);
    } catch (error) {
      if (error.name !== "AbortError") close();
    }
  }

  input.addEventListener("input", (event) => {
    if (event.isComposing) return;
    typed = input.value;
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT);
  });
  input.addEventListener("compositionend", () => { typed = input.value; clearTimeout(timer); timer = setTimeout(ask, WAIT); });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) { ask(); return; }
      if (!options.length) return;
      const step = event.key === "ArrowDown" ? 1 : -1;
      /* One place beyond the ends stands for the text as it was typed. */
      const places = options.length + 1;
      choose(((chosen + 1 + step + places) % places) - 1);
    } else if (event.key === "Enter" && options[chosen] && !list.hidden) {
      event.preventDefault();
      location.assign(options[chosen].dataset.href);
    } else if (event.key === "Escape") {
      if (list.hidden) { input.value = ""; typed = ""; } else { event.preventDefault(); close(); input.value = typed; }
    } else if (event.key === "Tab") close();
  });
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) location.assign(option.dataset.href);
  });
  input.addEventListener("blur", close);
  form.addEventListener("submit", close);
}

for (const form of document.querySelectorAll("[data-search]")) combobox(form);
