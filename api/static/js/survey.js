/* Submissions: the drop zone, the progress of an inspection, the filter of findings. Everything here also
   works without it: the form posts, the page refreshes, the list shows all. */

function send(form, file) {
  const zone = form.querySelector(".drop-zone");
  const box = form.querySelector("[data-progress]");
  const bar = box.querySelector("progress");
  const text = form.querySelector("[data-progress-text]");
  const button = form.querySelector(".drop-send");
  const limit = Number(form.dataset.limit) * 1024 * 1024;
  if (file.size === 0) return complain(form, form.dataset.empty);
  if (file.size > limit) return complain(form, form.dataset.tooLarge);
  complain(form, null);
  const body = new FormData();
  body.append("file", file, file.name);
  for (const name of ["profile", "role", "crs", "encoding", "replaces"]) {
    const field = form.elements.namedItem(name);
    if (field && field.value) body.append(name, field.value);
  }
  const request = new XMLHttpRequest();
  request.open("POST", "/api/v1/submissions");
  request.setRequestHeader("X-CSRF-Token", document.querySelector('meta[name="csrf"]').content);
  request.setRequestHeader("Accept", "application/json");
  request.responseType = "json";
  box.hidden = false;
  button.disabled = true;
  text.textContent = form.dataset.sending.replace("%s", file.name);
  request.upload.addEventListener("progress", (event) => {
    if (event.lengthComputable) bar.value = event.loaded / event.total;
  });
  const stop = (words) => {
    box.hidden = true;
    button.disabled = false;
    zone.classList.remove("over");
    complain(form, words);
  };
  request.addEventListener("error", () => stop(form.dataset.offline));
  request.addEventListener("load", () => {
    const answer = request.response;
    if (request.status === 202 && answer) window.location.assign("/survey/" + encodeURIComponent(answer.number));
    else if (answer && answer.title) stop(document.documentElement.lang === "en" ? answer.title_en : answer.title);
    else stop(form.dataset.failed);
  });
  request.send(body);
}

function complain(form, words) {
  const place = form.querySelector("[data-problem]");
  place.hidden = !words;
  place.textContent = words || "";
}

for (const form of document.querySelectorAll("[data-drop]")) {
  const zone = form.querySelector(".drop-zone");
  const input = form.querySelector('input[type="file"]');
  const name = form.querySelector("[data-name]");
  const show = () => {
    name.textContent = input.files.length ? input.files[0].name : "";
  };
  input.addEventListener("change", show);
  let depth = 0;
  zone.addEventListener("dragenter", (event) => {
    event.preventDefault();
    depth += 1;
    zone.classList.add("over");
  });
  zone.addEventListener("dragleave", () => {
    depth -= 1;
    if (depth <= 0) zone.classList.remove("over");
  });
  zone.addEventListener("dragover", (event) => event.preventDefault());
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    depth = 0;
    zone.classList.remove("over");
    if (!event.dataTransfer.files.length) return;
    input.files = event.dataTransfer.files;
    show();
    form.requestSubmit();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (input.files.length) send(form, input.files[0]);
  });
}

/* Ask how far the inspection is, each question answered when it has moved on; show the result when it is there. */
const inspecting = document.querySelector("[data-poll]");
if (inspecting) {
  const bar = inspecting.querySelector("[data-progress-bar]");
  const step = inspecting.querySelector("[data-progress-step]");
  let failures = 0;
  const ask = async () => {
    let pause = 700;
    try {
      const headers = { Accept: "application/json", Prefer: "wait=5" };
      const answer = await fetch(inspecting.dataset.poll, { headers });
      if (!answer.ok) throw new Error(String(answer.status));
      const now = await answer.json();
      failures = 0;
      if (now.state !== "received" && now.state !== "inspecting") {
        window.location.reload();
        return;
      }
      bar.value = now.progress || 0;
      step.textContent = inspecting.dataset[now.step] || inspecting.dataset.waiting;
      if (answer.headers.get("Preference-Applied")) pause = 50;
    } catch {
      failures += 1;
    }
    window.setTimeout(ask, failures > 3 ? 5000 : pause);
  };
  ask();
}

const filter = document.querySelector("[data-filter]");
if (filter) {
  const apply = () => {
    const hidden = [...filter.querySelectorAll("input")].filter((box) => !box.checked).map((box) => box.value);
    let left = 0;
    for (const group of document.querySelectorAll(".group")) {
      let shown = 0;
      for (const hit of group.querySelectorAll(".hit")) {
        const off = hidden.includes(hit.dataset.severity);
        hit.parentElement.hidden = off;
        if (!off) shown += 1;
      }
      group.hidden = shown === 0;
      left += shown;
    }
    document.querySelector("[data-filtered]").hidden = left > 0;
    document.dispatchEvent(new CustomEvent("yudi:severities", { detail: { hidden } }));
  };
  filter.addEventListener("change", apply);
}

/* Arrow keys walk through the findings, as in any list. */
const groups = document.querySelector("[data-groups]");
if (groups)
  groups.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const rows = [...groups.querySelectorAll("summary, .hit")].filter((row) => row.checkVisibility());
    const at = rows.indexOf(document.activeElement);
    if (at < 0) return;
    const to = rows[at + (event.key === "ArrowDown" ? 1 : -1)];
    if (to) {
      event.preventDefault();
      to.focus();
    }
  });
