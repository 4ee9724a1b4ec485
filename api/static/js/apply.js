/* /apply/{key}: the form saves itself, and the naming rules answer while typing. What another window saved is never written
   over without being asked; what cannot be sent stays on the page. Without this file the form posts. */
const form = document.getElementById("apply");
const words = document.querySelector("[data-saved-words]");
const moved = document.querySelector("[data-moved]");
const english = document.documentElement.lang === "en";
const SAVE_MS = 1200;
const AGAIN_MS = 5000;
const CHECK_MS = 300;
let timer = 0;
let saving = false;
let dirty = false;
let stopped = false;
let composing = false;
let sent = "";

function tell(state, text) {
  words.dataset.state = state;
  words.textContent = text || words.dataset[state];
}

/* ---- what the form holds ---- */

function number(text) {
  const plain = text.replace(/[,，\s]/g, "");
  return plain !== "" && Number.isFinite(Number(plain)) ? Number(plain) : text;
}

function content() {
  const fields = form.elements;
  const said = { ...JSON.parse(form.dataset.extra) };
  for (const field of form.querySelectorAll("[data-field]")) {
    const value = field.value.trim();
    if (value) said[field.name] = field.dataset.field === "number" ? number(value) : value;
  }
  const chosen = fields.subject_number ? Number.parseInt(fields.subject_number.value, 10) : NaN;
  return {
    action: form.dataset.action,
    category: fields.category.value,
    name: fields.name.value.trim(),
    unit: fields.unit.value || null,
    subject_number: Number.isFinite(chosen) ? chosen : null,
    applicant_kind: fields.applicant_kind.value || null,
    contact_name: fields.contact_name.value,
    contact_phone: fields.contact_phone.value,
    form: said,
  };
}

/* The shape as it is saved: what is drawn or typed; one that the fields cannot say is left to a posted form. */
function shape() {
  const kind = form.elements.shape.value;
  const text = form.elements.coordinates.value;
  if (kind === "keep") return undefined;
  return window.Yudi && window.Yudi.shapeOf ? window.Yudi.shapeOf(kind, text) : null;
}

/* ---- saving ---- */

async function save(over) {
  window.clearTimeout(timer);
  if (saving || stopped) return;
  const place = shape();
  if (place === undefined) { tell("unsaved"); return; }
  const body = { ...content(), geometry: place };
  const text = JSON.stringify(body);
  if (text === sent && !over) { dirty = false; tell("saved"); return; }
  saving = true;
  tell("saving");
  let reply;
  let answer = null;
  try {
    reply = await fetch(form.dataset.apply, {
      method: "PUT",
      headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRF-Token": form.elements.csrf.value },
      body: JSON.stringify({ ...body, version: Number(form.elements.version.value), ...(over ? {} : { saved: form.elements.saved.value }) }),
    });
    answer = await reply.json();
  } catch {
    saving = false;
    tell("offline");
    timer = window.setTimeout(save, AGAIN_MS);
    return;
  }
  saving = false;
  if (reply.ok) {
    form.elements.version.value = answer.version;
    form.elements.saved.value = answer.saved;
    sent = text;
    moved.hidden = true;
    dirty = JSON.stringify({ ...content(), geometry: shape() }) !== text;
    tell(dirty ? "unsaved" : "saved");
    if (dirty) soon();
    refresh();
    return;
  }
  const said = (english ? answer.title_en : answer.title) || words.dataset.unsaved;
  if (answer.code === "draft-moved" || answer.code === "stale") {
    stopped = true;
    moved.hidden = false;
    moved.querySelector("[data-moved-words]").textContent = said;
    tell("unsaved");
    moved.scrollIntoView({ block: "nearest" });
  } else if (reply.status >= 500 || reply.status === 429) {
    tell("offline");
    timer = window.setTimeout(save, AGAIN_MS);
  } else tell("unsaved", said);
}

function soon() {
  if (composing || stopped) return;
  dirty = true;
  tell("unsaved");
  window.clearTimeout(timer);
  timer = window.setTimeout(save, SAVE_MS);
}

moved.querySelector("[data-moved-mine]").addEventListener("click", async () => {
  /* The version may have moved, too: ask for the one that stands now. */
  const now = await fetch(form.dataset.apply, { headers: { Accept: "application/json" } }).then((r) => r.json()).catch(() => null);
  if (!now || !now.version) return;
  form.elements.version.value = now.version;
  stopped = false;
  save(true);
});

/* ---- what is still missing ---- */

async function refresh() {
  try {
    const reply = await fetch(form.dataset.state, { headers: { Accept: "text/html" } });
    if (!reply.ok) return;
    const parsed = new DOMParser().parseFromString(await reply.text(), "text/html");
    document.querySelector("[data-state-box]").replaceChildren(...parsed.body.childNodes);
  } catch {
    /* The next save asks again. */
  }
}
document.addEventListener("yudi:files", refresh);

/* ---- the naming rules ---- */

const check = document.querySelector("[data-check]");
let checking = null;
let asked = null;
let checkTimer = 0;

function question() {
  const fields = form.elements;
  const given = new URLSearchParams();
  for (const [key, value] of [["name", fields.name.value.trim()], ["category", fields.category.value], ["unit", fields.unit.value]])
    if (value) given.set(key, value);
  const place = shape();
  if (place) {
    const flat = place.coordinates.flat(Infinity);
    const half = place.type === "Point" ? 0 : Math.floor(flat.length / 4) * 2;
    given.set("lon", flat[half]);
    given.set("lat", flat[half + 1]);
  }
  if (fields.subject && fields.subject.value.trim() && form.dataset.action === "renaming") given.set("replaces", fields.subject.value.trim());
  return given;
}

async function ask() {
  if (!check) return;
  const given = question();
  const text = given.toString();
  if (text === asked) return;
  asked = text;
  if (checking) checking.abort();
  const answer = check.querySelector("[data-answer]");
  const hint = check.querySelector("[data-check-hint]");
  const spoken = check.querySelector("[data-spoken]");
  hint.hidden = Boolean(given.get("name"));
  if (!given.get("name")) { answer.replaceChildren(); return; }
  const mine = checking = new AbortController();
  check.toggleAttribute("data-busy", true);
  try {
    const reply = await fetch(`/names/check/answer?${text}`, { signal: mine.signal, headers: { Accept: "text/html" } });
    const parsed = new DOMParser().parseFromString(await reply.text(), "text/html");
    if (checking !== mine) return;
    answer.replaceChildren(...parsed.body.childNodes);
    const said = answer.querySelector("[data-said]");
    spoken.textContent = said ? said.dataset.said : "";
  } catch {
    if (checking !== mine) return;
    asked = null;
    spoken.textContent = check.dataset.failed;
  }
  check.removeAttribute("data-busy");
}

function askSoon() {
  window.clearTimeout(checkTimer);
  checkTimer = window.setTimeout(ask, CHECK_MS);
}

if (check)
  check.addEventListener("click", (event) => {
    const suggestion = event.target.closest("[data-suggestion]");
    if (!suggestion) return;
    event.preventDefault();
    form.elements.name.value = suggestion.dataset.suggestion;
    form.elements.name.focus();
    soon();
    ask();
  });

/* ---- the fields of the category ---- */

function fitFields() {
  const category = form.elements.category.value;
  for (const row of form.querySelectorAll("[data-for]")) {
    const action = row.dataset.for.split(";");
    if (!row.dataset.fixed) row.hidden = !(action.includes("any") || action.includes(category));
  }
}
/* Fields that the action rules out stay hidden whatever the category. */
for (const row of form.querySelectorAll("[data-for]")) {
  const fits = row.dataset.for.split(";");
  if (row.hidden && (fits.includes("any") || fits.includes(form.elements.category.value))) row.dataset.fixed = "true";
}

/* A place that is drawn names its township, where none is chosen. */
document.addEventListener("yudi:drawn", async (event) => {
  const unit = form.elements.unit;
  if (!event.detail || unit.value) return;
  const flat = event.detail.coordinates.flat(Infinity);
  try {
    const answer = await fetch(`/api/v1/locate?lon=${flat[0]}&lat=${flat[1]}`).then((r) => r.json());
    const code = answer.township && answer.township.code;
    if (code && !unit.value && [...unit.options].some((o) => o.value === code)) { unit.value = code; soon(); askSoon(); }
  } catch {
    /* It can be chosen by hand. */
  }
});

form.addEventListener("compositionstart", () => { composing = true; });
form.addEventListener("compositionend", () => { composing = false; soon(); askSoon(); });
form.addEventListener("input", () => { soon(); if (!composing) askSoon(); });
form.addEventListener("change", (event) => { if (event.target === form.elements.category) fitFields(); });
form.addEventListener("submit", () => { dirty = false; stopped = true; window.clearTimeout(timer); });
window.addEventListener("beforeunload", (event) => { if (dirty) event.preventDefault(); });
document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden" && dirty) save(); });

/* Scripts of the map come first, so what stands saved is what the page holds now. */
sent = JSON.stringify({ ...content(), geometry: shape() });
if (check && !check.querySelector("[data-said]")) ask();
