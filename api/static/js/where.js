/* Which units hold a point: pressed on the map, typed, or the browser's position. The point goes out in the body of
   the question and stays in the address's fragment, which no server gets; it is written nowhere else. */
const form = document.querySelector("[data-where]");
const here = form.querySelector("[data-here]");
const refused = form.querySelector("[data-refused]");
const answer = document.querySelector("[data-answer]");
const fields = form.elements;
let question = 0;
let last = null;
let leaving = false;
window.addEventListener("beforeunload", () => {
  leaving = true;
});

function keep(changes) {
  const parts = new URLSearchParams(window.location.hash.slice(1));
  for (const [key, value] of Object.entries(changes))
    if (value) parts.set(key, value);
    else parts.delete(key);
  const text = parts.toString().replace(/%2C/g, ",").replace(/%2F/g, "/");
  window.history.replaceState(null, "", window.location.pathname + window.location.search + (text && "#" + text));
}

function tell() {
  if (last) document.dispatchEvent(new CustomEvent("yudi:answered", { detail: last }));
}

/* moved: whether the map is to go to the point; after a press on it, it stays. */
async function ask(moved) {
  const mine = ++question;
  answer.setAttribute("aria-busy", "true");
  try {
    const reply = await fetch(form.action, {
      method: "POST", body: new URLSearchParams(new FormData(form)), cache: "no-store", credentials: "same-origin", referrerPolicy: "no-referrer",
    });
    const found = new DOMParser().parseFromString(await reply.text(), "text/html").querySelector("[data-answer]");
    if (mine !== question) return;
    if (!found) throw new Error(String(reply.status));
    answer.replaceChildren(...found.childNodes);
    if (reply.ok) {
      last = {
        lon: Number(fields.lon.value), lat: Number(fields.lat.value),
        names: [...answer.querySelectorAll("[data-unit]")].map((name) => name.textContent), moved,
      };
      keep({ at: `${last.lon.toFixed(5)},${last.lat.toFixed(5)}`, on: fields.at.value });
      tell();
    }
  } catch {
    /* A question that leaving the page broke off is no failure. */
    if (mine === question && !leaving) form.submit();
  } finally {
    if (mine === question) answer.removeAttribute("aria-busy");
  }
}

function take(lon, lat, moved) {
  fields.lon.value = lon.toFixed(6);
  fields.lat.value = lat.toFixed(6);
  ask(moved);
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  ask(true);
});
fields.at.addEventListener("change", () => {
  if (last && form.checkValidity()) ask(false);
});
document.addEventListener("yudi:point", (event) => take(event.detail.lon, event.detail.lat, false));
document.addEventListener("yudi:map", tell);

if (navigator.geolocation && window.isSecureContext) {
  here.hidden = false;
  here.addEventListener("click", () => {
    here.disabled = true;
    refused.hidden = true;
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        here.disabled = false;
        take(coords.longitude, coords.latitude, true);
      },
      () => {
        here.disabled = false;
        refused.hidden = false;
      },
      { enableHighAccuracy: true, timeout: 15000 },
    );
  });
}

/* A link that was kept or shared. */
const kept = new URLSearchParams(window.location.hash.slice(1));
const at = (kept.get("at") || "").split(",").map(Number);
if (/^\d{4}-\d{2}-\d{2}$/.test(kept.get("on") || "")) fields.at.value = kept.get("on");
if (at.length === 2 && at.every(Number.isFinite)) take(at[0], at[1], !kept.has("v"));
