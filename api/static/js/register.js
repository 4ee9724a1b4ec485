// 注册: the fields of an organisation are shown to those who apply for one; a form is sent once.
for (const form of document.querySelectorAll("form[data-once]")) {
  const claim = form.querySelector("[data-claim]");
  const show = () => {
    const kind = form.elements.kind.value;
    claim.hidden = kind === "" || kind === "citizen";
    claim.querySelector("[name=organisation]").required = !claim.hidden;
    claim.querySelector("[name=unit]").required = kind === "township";
  };
  if (claim) {
    form.addEventListener("change", show);
    window.addEventListener("pageshow", show);
    show();
  }
  let sent = false;
  form.addEventListener("submit", (event) => {
    if (sent) event.preventDefault();
    sent = true;
  });
  window.addEventListener("pageshow", () => (sent = false));
}
