/* Materials of an application: upload with progress and a plain refusal, giving back in place. Without this file the
   forms post. */
const english = document.documentElement.lang === "en";
const csrf = document.querySelector('meta[name="csrf"]').content;

function changed(name) {
  if (document.querySelector("[data-state-box]")) document.dispatchEvent(new CustomEvent("yudi:files", { detail: name }));
  else window.location.reload();
}

for (const form of document.querySelectorAll("[data-upload]")) {
  const box = form.querySelector("[data-progress]");
  const bar = box.querySelector("progress");
  const said = form.querySelector("[data-said]");
  const problem = form.querySelector("[data-problem]");
  const button = form.querySelector('button[type="submit"]');
  const words = form.dataset;

  function complain(text) {
    problem.hidden = !text;
    problem.textContent = text || "";
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const file = form.elements.file.files[0];
    if (!file) return;
    said.textContent = "";
    if (file.size === 0) { complain(words.empty); return; }
    if (file.size > Number(words.limit) * 1024 * 1024) { complain(words.tooLarge); return; }
    complain(null);
    const body = new FormData();
    body.append("kind", form.elements.kind.value);
    body.append("file", file, file.name);
    const request = new XMLHttpRequest();
    request.open("POST", words.upload);
    request.setRequestHeader("X-CSRF-Token", csrf);
    request.setRequestHeader("Accept", "application/json");
    request.responseType = "json";
    box.hidden = false;
    bar.value = 0;
    button.disabled = true;
    said.textContent = words.sending.replace("%s", file.name);
    request.upload.addEventListener("progress", (event) => { if (event.lengthComputable) bar.value = event.loaded / event.total; });
    const end = (text) => {
      box.hidden = true;
      button.disabled = false;
      said.textContent = "";
      complain(text);
    };
    request.addEventListener("error", () => end(words.offline));
    request.addEventListener("load", () => {
      const answer = request.response;
      if (request.status === 201 && answer) {
        end(null);
        said.textContent = words.taken.replace("%s", answer.filename);
        form.elements.file.value = "";
        changed(answer.filename);
      } else end(answer && answer.title ? (english ? answer.title_en : answer.title) : words.failed);
    });
    request.send(body);
  });
}

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("[data-drop-file]");
  const upload = document.querySelector("[data-upload]");
  if (!form || !upload || !document.querySelector("[data-state-box]")) return;
  event.preventDefault();
  const reply = await fetch(`${upload.dataset.upload}/${form.dataset.dropFile}`, { method: "DELETE", headers: { "X-CSRF-Token": csrf, Accept: "application/json" } }).catch(() => null);
  if (reply && reply.ok) changed("");
  else form.submit();
});
