/* An import under way: ask how far it is, show the result when it is there. Without this the page refreshes. */

const box = document.querySelector("[data-import]");
const bar = box.querySelector("progress");
let failures = 0;

async function ask() {
  try {
    const answer = await fetch(box.dataset.import, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(String(answer.status));
    const now = await answer.json();
    failures = 0;
    if (now.state === "done" || now.state === "failed") {
      window.location.reload();
      return;
    }
    if (now.rows) {
      bar.max = now.rows;
      bar.value = now.done;
      box.querySelector("[data-import-rows]").textContent = now.rows;
      box.querySelector("[data-import-done]").textContent = now.done;
    }
  } catch {
    failures += 1;
  }
  window.setTimeout(ask, failures > 3 ? 5000 : 700);
}

window.setTimeout(ask, 400);
