/* The case console by keyboard: ? shows the keys; j and k go through the sections, n to the next case, a letter to a step. */
const help = document.querySelector("[data-keys]");
const sections = [...document.querySelectorAll("[data-section]")];
const steps = [...document.querySelectorAll("details[data-step]")];
let at = -1;

function go(to) {
  if (!sections.length) return;
  at = Math.max(0, Math.min(sections.length - 1, to));
  sections[at].scrollIntoView({ block: "start" });
  sections[at].focus({ preventScroll: true });
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key === "Escape" && typing) {
    typing.blur();
    return;
  }
  // Keys of the page rest while the materials stand over it.
  if (typing || document.querySelector("dialog:modal")) return;
  if (event.key === "j") go(at + 1);
  else if (event.key === "k") go(at - 1);
  else if (event.key === "n") document.querySelector("[data-next]")?.click();
  else if (event.key === "q") window.location.assign("/review");
  else if (event.key === "m") document.querySelector(".map")?.focus();
  else if (event.key === "?") {
    help.open = !help.open;
    if (help.open) help.querySelector("summary").focus();
  } else if (/^[1-9]$/.test(event.key) && steps[Number(event.key) - 1]) {
    const step = steps[Number(event.key) - 1];
    step.open = true;
    step.scrollIntoView({ block: "nearest" });
    step.querySelector("textarea, input:not([type=hidden]), select")?.focus();
  } else return;
  event.preventDefault();
});

/* A form is sent once: a double click changes nothing. */
for (const form of document.querySelectorAll("form[data-once]"))
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "1";
  });

/* Of a plan: the fields of the step that is chosen, and no other's. */
const chosen = document.getElementById("transition");
const groups = [...document.querySelectorAll("[data-fields-of]")];
function fields() {
  for (const group of groups) {
    group.hidden = group.dataset.fieldsOf !== chosen.value;
    group.disabled = group.hidden;
  }
}
if (chosen) {
  chosen.addEventListener("change", fields);
  fields();
}
