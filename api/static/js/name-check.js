/* /names/check: the answer while typing. The server writes the answer's HTML, the same as for a page without
   JavaScript; an answer that a newer question overtook is dropped. */
const form = document.querySelector("[data-name-check]");
const answer = document.querySelector("[data-answer]");
const spoken = document.querySelector("[data-spoken]");
const WAIT_MS = 250;
let timer = 0;
let asking = null;
let asked = new URLSearchParams(new FormData(form)).toString();
let composing = false;

function question() {
  const given = new URLSearchParams();
  for (const [key, value] of new FormData(form)) if (key !== "csrf" && value.trim()) given.set(key, value);
  return given;
}

async function ask() {
  const given = question();
  const text = given.toString();
  if (text === asked) return;
  asked = text;
  if (asking) asking.abort();
  asking = null;
  window.history.replaceState(null, "", given.get("name") ? `?${text}` : window.location.pathname);
  if (!given.get("name")) {
    answer.replaceChildren();
    spoken.textContent = "";
    document.dispatchEvent(new CustomEvent("yudi:answered"));
    return;
  }
  const mine = new AbortController();
  asking = mine;
  form.toggleAttribute("data-busy", true);
  let html;
  try {
    const reply = await fetch(`/names/check/answer?${text}`, { signal: mine.signal, headers: { Accept: "text/html" } });
    html = await reply.text();
  } catch {
    if (asking === mine) {
      form.removeAttribute("data-busy");
      asked = "";
      spoken.textContent = form.dataset.failed;
    }
    return;
  }
  if (asking !== mine) return;
  form.removeAttribute("data-busy");
  const parsed = new DOMParser().parseFromString(html, "text/html");
  answer.replaceChildren(...parsed.body.childNodes);
  const said = answer.querySelector("[data-said]");
  spoken.textContent = said ? said.dataset.said : "";
  document.dispatchEvent(new CustomEvent("yudi:answered"));
}

function soon() {
  if (composing) return;
  window.clearTimeout(timer);
  timer = window.setTimeout(ask, WAIT_MS);
}

form.addEventListener("compositionstart", () => { composing = true; });
form.addEventListener("compositionend", () => { composing = false; soon(); });
form.addEventListener("input", soon);
form.addEventListener("change", (event) => {
  /* The place is a township or a point, whichever was given last. */
  if (event.target === form.elements.unit && form.elements.unit.value) {
    form.elements.lon.value = form.elements.lat.value = "";
    document.dispatchEvent(new CustomEvent("yudi:answered"));
  }
  soon();
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  window.clearTimeout(timer);
  asked = "";
  ask();
});
document.addEventListener("yudi:placed", () => {
  form.elements.unit.value = "";
  soon();
});
answer.addEventListener("click", (event) => {
  const suggestion = event.target.closest("[data-suggestion]");
  if (!suggestion) return;
  event.preventDefault();
  form.elements.name.value = suggestion.dataset.suggestion;
  form.elements.name.focus();
  window.clearTimeout(timer);
  ask();
});
