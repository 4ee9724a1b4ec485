/* The old name of a renaming or abolition: a combobox over the public search. Without this file a name or number is typed. */
const input = document.querySelector("[data-subject]");
const form = input.form;
const list = document.getElementById("subject-list");
const WAIT = 160;
let timer = 0;
let asking = null;
let options = [];
let chosen = -1;

input.setAttribute("role", "combobox");
input.setAttribute("aria-autocomplete", "list");
input.setAttribute("aria-controls", list.id);
input.setAttribute("aria-expanded", "false");

function close() {
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

function take(hit) {
  input.value = hit.name;
  form.elements.subject_number.value = hit.number;
  const category = form.elements.category;
  if ([...category.options].some((o) => o.value === hit.category || o.text === hit.category)) category.value = hit.category;
  const unit = form.elements.unit;
  const code = (hit.unit_code || "").slice(0, 9);
  if ([...unit.options].some((o) => o.value === code)) unit.value = code;
  category.dispatchEvent(new Event("change", { bubbles: true }));
  input.dispatchEvent(new CustomEvent("input", { bubbles: true, detail: "chosen" }));
  close();
}

function show(hits) {
  list.replaceChildren();
  options = hits.map((hit, index) => {
    const option = document.createElement("div");
    option.className = "subject-option";
    option.setAttribute("role", "option");
    option.setAttribute("aria-selected", "false");
    option.id = `subject-option-${index}`;
    const about = document.createElement("small");
    about.textContent = [hit.romanization, hit.category, hit.unit_name || hit.unit_code, hit.number].join(" · ");
    option.append(hit.name, about);
    option.addEventListener("click", () => take(hit));
    option._hit = hit;
    list.append(option);
    return option;
  });
  if (!options.length) {
    const none = document.createElement("p");
    none.className = "quiet";
    none.textContent = input.dataset.none;
    list.append(none);
  }
  chosen = -1;
  list.hidden = false;
  input.setAttribute("aria-expanded", "true");
}

async function ask() {
  const q = input.value.trim();
  if (asking) asking.abort();
  if (!q || /^\d+$/.test(q)) { close(); return; }
  const mine = asking = new AbortController();
  try {
    const reply = await fetch(`/api/v1/suggest?limit=8&q=${encodeURIComponent(q)}`, { signal: mine.signal });
    if (!reply.ok) { close(); return; }
    const answer = await reply.json();
    const hits = [...answer.items, ...answer.offers].filter((hit) => hit.status === "standard");
    if (asking === mine && document.activeElement === input) show(hits);
  } catch (error) {
    if (error.name !== "AbortError") close();
  }
}

input.addEventListener("input", (event) => {
  if (event.detail === "chosen") return;
  /* What was chosen no longer stands once something else is typed; a number stands for itself. */
  const typed = input.value.trim();
  form.elements.subject_number.value = /^\d{1,18}$/.test(typed) ? typed : "";
  window.clearTimeout(timer);
  if (!event.isComposing) timer = window.setTimeout(ask, WAIT);
});
input.addEventListener("compositionend", () => { timer = window.setTimeout(ask, WAIT); });
input.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    if (list.hidden) ask();
    else if (options.length) choose((chosen + (event.key === "ArrowDown" ? 1 : options.length + (chosen < 0 ? 0 : -1))) % options.length);
  } else if (event.key === "Enter" && !list.hidden && options[chosen]) {
    event.preventDefault();
    take(options[chosen]._hit);
  } else if (event.key === "Escape" && !list.hidden) {
    event.preventDefault();
    close();
  }
});
list.addEventListener("mousedown", (event) => event.preventDefault());
input.addEventListener("blur", close);
