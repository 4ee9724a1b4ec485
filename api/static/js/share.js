/* Passing a page on: the link with the map's view in its fragment, copied or handed to the device's own way of sharing;
   the frame for other sites, where there is one. Nothing is sent anywhere. */
const box = document.querySelector("[data-share]");
const link = box.querySelector("[data-share-link]");
const code = box.querySelector("[data-share-code]");
const said = box.querySelector("[data-share-said]");
const position = box.querySelector("[data-share-position]");
const native = box.querySelector("[data-share-native]");
const written = code && code.value;
/* What of a fragment is the map's view; the rest may say where somebody stands. */
const VIEW = ["v", "q", "township", "theme", "period", "line", "name"];
const QUERY = ["at", "township", "village", "group", "unit", "mode", "service", "open", "q"];

function whole() {
  return box.dataset.fixed ? box.dataset.fixed + window.location.hash.replace(/^#(?!.*=).*/, "") : window.location.href;
}

function fragment(keys) {
  const parts = new URLSearchParams(window.location.hash.slice(1));
  for (const key of [...parts.keys()]) if (!keys.includes(key)) parts.delete(key);
  const text = parts.toString().replace(/%2F/g, "/").replace(/%2C/g, ",");
  return text && "#" + text;
}

function fill() {
  link.value = whole();
  position.hidden = !new URLSearchParams(window.location.hash.slice(1)).has("at");
  said.textContent = "";
  if (!code) return;
  const frame = new URL(code.dataset.frame);
  if (!box.dataset.fixed) {
    const asked = new URLSearchParams(window.location.search);
    for (const key of QUERY) if (asked.get(key)) frame.searchParams.set(key, asked.get(key));
  }
  frame.hash = fragment(VIEW);
  code.value = written.replace(/src="[^"]*"/, () => `src="${frame.href.replace(/&/g, "&amp;").replace(/"/g, "&quot;")}"`);
}

async function copy(field) {
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
  } catch {
    document.execCommand("copy");
  }
  said.textContent = said.dataset.words;
}

for (const button of box.querySelectorAll("[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const about = document.getElementById(button.dataset.copy);
    fill();
    copy(about);
  });
}
if (navigator.share) {
  native.hidden = false;
  native.addEventListener("click", () => {
    navigator.share({ title: box.dataset.title, url: whole() }).catch(() => {});
  });
}

if (box instanceof HTMLDialogElement) {
  const open = document.createElement("button");
  open.type = "button";
  open.className = "zoom-button zoom-share";
  open.setAttribute("aria-label", box.dataset.open);
  open.title = box.dataset.open;
  open.addEventListener("click", () => {
    fill();
    box.showModal();
  });
  /* The view may still be on its way while the box opens. */
  window.addEventListener("yudi:kept", () => {
    if (box.open) fill();
  });
  /* The map may come after this script. */
  const place = () => {
    const bar = document.querySelector(".zoom-bar");
    if (bar) bar.append(open);
    return Boolean(bar);
  };
  const stage = document.querySelector("[data-stage]");
  if (!place() && stage)
    new MutationObserver((_, watch) => {
      if (place()) watch.disconnect();
    }).observe(stage, { childList: true, subtree: true });
  box.querySelector("[data-share-close]").addEventListener("click", () => box.close());
  /* A press beside the box closes it too. */
  box.addEventListener("click", (event) => {
    if (event.target === box) box.close();
  });
} else {
  fill();
  window.addEventListener("hashchange", fill);
  for (const details of box.querySelectorAll("details")) details.addEventListener("toggle", fill);
}
const print = document.querySelector("[data-print]");
if (print) {
  print.hidden = false;
  print.addEventListener("click", () => window.print());
}
