/* The browser's position into the form, and sent in its body; it is written nowhere else. */
const form = document.querySelector("[data-where]");
const here = form.querySelector("[data-here]");
const refused = form.querySelector("[data-refused]");

if (navigator.geolocation && window.isSecureContext) {
  here.hidden = false;
  here.addEventListener("click", () => {
    here.disabled = true;
    refused.hidden = true;
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        form.elements.lon.value = coords.longitude.toFixed(6);
        form.elements.lat.value = coords.latitude.toFixed(6);
        form.requestSubmit();
      },
      () => {
        here.disabled = false;
        refused.hidden = false;
      },
      { enableHighAccuracy: true, timeout: 15000 },
    );
  });
}
