/* The materials of a case, beside it: a picture or a PDF is shown, anything else named and offered as a download. Without
   this file the list's links open them. Every view asks for the file once, so that every view is in the audit trail. */
const dialog = document.querySelector("[data-viewer]");
const links = [...document.querySelectorAll("[data-material]")];
const sheet = dialog.querySelector("[data-sheet]");
const words = dialog.dataset;
const part = (name) => dialog.querySelector(`[data-${name}]`);
const beside = window.matchMedia("(min-width: 1100px)");
const LEAST = 0.1, MOST = 8, STEP = 1.25;

let at = -1; // which material
let paper = null; // what is shown of it: { pages, size(page), draw(page, scale, turn, sheet) }
let page = 1, turn = 0, zoom = "whole", scale = 1;
let asked = 0; // of the last material or drawing that was asked for; older answers are let go
let opener = null;

const filled = (text, values) => values.reduce((said, value, i) => said.replace(`{${i}}`, value), text);

function tell(text) {
  part("said").textContent = text;
}

/* A picture is the sheet's only page. */
async function picture(address) {
  const image = new Image();
  image.alt = links[at].textContent;
  image.src = address;
  await image.decode();
  return {
    pages: 1,
    size: async () => [image.naturalWidth, image.naturalHeight],
    draw: async (_, by, quarters, box) => {
      image.style.width = `${image.naturalWidth * by}px`;
      image.style.height = `${image.naturalHeight * by}px`;
      image.style.transform = `translate(-50%, -50%) rotate(${quarters * 90}deg)`;
      if (image.parentElement !== box) box.replaceChildren(image);
    },
    close: () => image.remove(),
  };
}

function shown(...nodes) {
  sheet.replaceChildren(...nodes);
  sheet.scrollTo(0, 0);
}

function sentence(text, offer) {
  const box = document.createElement("div");
  box.className = "viewer-note";
  const said = document.createElement("p");
  said.textContent = text;
  box.append(said);
  if (offer) {
    const link = document.createElement("a");
    link.className = "button button-main";
    link.href = part("download").href;
    link.download = "";
    link.textContent = part("download").textContent;
    box.append(link);
  }
  shown(box);
  tell(text);
}

async function show(to) {
  const mine = ++asked;
  paper?.close();
  paper = null;
  at = to;
  page = 1;
  turn = 0;
  const link = links[at];
  links.forEach((l, i) => (i === at ? l.setAttribute("aria-current", "true") : l.removeAttribute("aria-current")));
  part("name").textContent = link.textContent;
  part("about").textContent = link.dataset.about;
  part("sha256").textContent = link.dataset.sha256;
  part("download").href = `${link.getAttribute("href")}?download=true`;
  // Two elements bear the words: the dialog as its setting, the span as what is said.
  dialog.querySelector("span[data-nth]").textContent = `${at + 1} / ${links.length}`;
  set("before", at > 0);
  set("after", at < links.length - 1);
  const looks = link.dataset.form !== "download";
  for (const tools of dialog.querySelectorAll("[data-zooms], [data-pages]")) tools.hidden = !looks;
  if (!looks) {
    sentence(words.office, true);
    return;
  }
  zoom = link.dataset.form === "pdf" ? "width" : "whole";
  sentence(words.loading, false);
  sheet.setAttribute("aria-busy", "true");
  try {
    const opened = link.dataset.form === "pdf" ? await pdf(link.href) : await picture(link.href);
    if (mine !== asked) {
      opened.close();
      return;
    }
    paper = opened;
    part("pages").hidden = paper.pages < 2;
    await draw();
  } catch (error) {
    if (mine === asked) sentence(error.name === "Gone" ? words.gone : words.broken, true);
  } finally {
    if (mine === asked) sheet.removeAttribute("aria-busy");
  }
}

async function pdf(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw Object.assign(new Error(), { name: "Gone" });
  const bytes = new Uint8Array(await answer.arrayBuffer());
  const reader = await import(words.pdf);
  return reader.open(bytes, { library: words.pdfLibrary, worker: words.pdfWorker, folder: words.pdfFolder });
}

function set(name, able) {
  dialog.querySelector(`[data-do="${name}"]`).disabled = !able;
}

async function draw(keep = false) {
  const mine = ++asked;
  const shownNow = paper;
  const middle = [(sheet.scrollLeft + sheet.clientWidth / 2) / sheet.scrollWidth, (sheet.scrollTop + sheet.clientHeight / 2) / sheet.scrollHeight];
  let [width, height] = await shownNow.size(page);
  if (turn % 2) [width, height] = [height, width];
  const room = [sheet.clientWidth - 24, sheet.clientHeight - 24];
  // A picture is not blown up to fill the stage.
  const most = links[at].dataset.form === "picture" ? 1 : MOST;
  if (zoom === "width") scale = Math.min(room[0] / width, most);
  else if (zoom === "whole") scale = Math.min(room[0] / width, room[1] / height, most);
  else scale = zoom;
  scale = Math.max(LEAST / 10, Math.min(MOST, scale));
  let box = sheet.querySelector(".viewer-sheet");
  if (!box) {
    box = document.createElement("div");
    box.className = "viewer-sheet";
    shown(box);
  }
  box.style.width = `${width * scale}px`;
  box.style.height = `${height * scale}px`;
  part("zoom").textContent = `${Math.round(scale * 100)}%`;
  dialog.querySelector("span[data-page]").textContent = `${page} / ${shownNow.pages}`;
  set("back", page > 1);
  set("on", page < shownNow.pages);
  set("smaller", scale > LEAST);
  set("larger", scale < MOST);
  if (keep) sheet.scrollTo(middle[0] * sheet.scrollWidth - sheet.clientWidth / 2, middle[1] * sheet.scrollHeight - sheet.clientHeight / 2);
  else sheet.scrollTo(0, 0);
  try {
    await shownNow.draw(page, scale, turn, box);
  } catch (error) {
    if (mine === asked) sentence(words.broken, true);
    return;
  }
  if (mine !== asked) return;
  box.dataset.drawn = `${at + 1}.${page}`;
  const where = shownNow.pages > 1 ? `, ${filled(words.page, [page, shownNow.pages])}` : "";
  tell(`${links[at].textContent}: ${filled(words.nth, [at + 1, links.length])}${where}`);
}

function zoomed(to) {
  zoom = Math.max(LEAST, Math.min(MOST, to));
  draw(true);
}

function paged(to) {
  if (to < 1 || to > paper.pages) return;
  page = to;
  draw();
}

const DO = {
  close: () => dialog.close(),
  before: () => at > 0 && show(at - 1),
  after: () => at < links.length - 1 && show(at + 1),
  back: () => paper && (page > 1 ? paged(page - 1) : DO.before()),
  on: () => (paper && page < paper.pages ? paged(page + 1) : DO.after()),
  smaller: () => paper && zoomed(scale / STEP),
  larger: () => paper && zoomed(scale * STEP),
  width: () => paper && ((zoom = "width"), draw()),
  whole: () => paper && ((zoom = "whole"), draw()),
  turn: () => paper && ((turn = (turn + 1) % 4), draw()),
};
const KEYS = { "[": "before", "]": "after", ArrowLeft: "back", ArrowRight: "on", "-": "smaller", "+": "larger", "=": "larger", w: "width", 0: "whole", r: "turn", Escape: "close" };

/* On a wide screen beside the case, which stays in use; else over all of it. */
function stand() {
  if (beside.matches) dialog.show();
  else dialog.showModal();
  document.body.classList.toggle("viewing", beside.matches);
  // The map has another width now.
  window.dispatchEvent(new Event("resize"));
}

function open(to, from) {
  if (!dialog.open) {
    opener = from;
    stand();
    if (beside.matches) links[to].scrollIntoView({ block: "nearest" });
  }
  part("name").focus();
  show(to);
}

for (const [i, link] of links.entries())
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || event.button) return;
    event.preventDefault();
    open(i, link);
  });

const first = document.querySelector("[data-view-open]");
first.hidden = false;
first.addEventListener("click", () => open(0, first));

for (const button of dialog.querySelectorAll("[data-do]")) button.addEventListener("click", () => DO[button.dataset.do]());

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
  if (event.target.closest("input, textarea, select, [contenteditable], .map")) return;
  if (!dialog.open) {
    if (event.key !== "v") return;
    open(at < 0 ? 0 : at, document.activeElement === document.body ? first : document.activeElement);
  } else if (event.key === "v") part("name").focus();
  else if (KEYS[event.key]) DO[KEYS[event.key]]();
  else return;
  event.preventDefault();
});

dialog.addEventListener("close", () => {
  if (dialog.open) return;
  asked += 1;
  paper?.close();
  paper = null;
  shown();
  document.body.classList.remove("viewing");
  window.dispatchEvent(new Event("resize"));
  links.forEach((l) => l.removeAttribute("aria-current"));
  (opener?.isConnected ? opener : first).focus();
});

beside.addEventListener("change", () => {
  if (!dialog.open) return;
  // Not closed for the reader: only stood up again in the other way, before the event of its closing comes.
  dialog.close();
  stand();
  if (paper) draw();
});

let later = 0;
new ResizeObserver(() => {
  window.clearTimeout(later);
  later = window.setTimeout(() => paper && typeof zoom === "string" && draw(), 120);
}).observe(sheet);

sheet.addEventListener(
  "wheel",
  (event) => {
    if (!event.ctrlKey || !paper) return;
    event.preventDefault();
    zoomed(scale * (event.deltaY < 0 ? 1.1 : 1 / 1.1));
  },
  { passive: false },
);

/* A mouse drags a picture; text of a PDF it selects. */
sheet.addEventListener("pointerdown", (event) => {
  if (event.pointerType !== "mouse" || event.button || links[at].dataset.form !== "picture") return;
  event.preventDefault();
  sheet.focus();
  const from = [event.clientX + sheet.scrollLeft, event.clientY + sheet.scrollTop];
  const move = (e) => sheet.scrollTo(from[0] - e.clientX, from[1] - e.clientY);
  const stop = () => {
    window.removeEventListener("pointermove", move);
    window.removeEventListener("pointerup", stop);
  };
  window.addEventListener("pointermove", move);
  window.addEventListener("pointerup", stop);
});
