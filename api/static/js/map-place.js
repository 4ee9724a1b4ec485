/* The small map of a place page: the place, its cluster around it, township outlines below. Names are data:
   they reach the page as text nodes only. */
(function () {
  "use strict";

  const { ground, tip } = window.Yudi;

  function placeMap(map, labelLayer) {
    const { page, canvas, draw, named, end } = ground(map);
    const { theme } = page;

    for (const near of page.near) {
      const pin = L.circleMarker([near.at[1], near.at[0]], {
        renderer: canvas, radius: 6, color: "#FFFDF8", weight: 1.6, fillColor: theme.near, fillOpacity: 1,
      }).addTo(map);
      pin.bindTooltip(tip(near.name), { direction: "top", offset: [0, -6], className: "name-tip" });
      /* In a frame of another site the page opens beside it: it may not be framed itself. */
      pin.on("click", () => {
        if (document.body.classList.contains("embed")) window.open(near.href, "_blank", "noopener");
        else window.location.href = near.href;
      });
    }
    const style = { color: theme.seal, weight: 2.5, fillColor: theme.seal, fillOpacity: 0.25 };
    const own = draw(page.geometry, style, { radius: 8, color: "#FFFDF8", weight: 2, fillOpacity: 1 });
    // A township's own name stands on the map already.
    if (!page.units.some((unit) => unit.label === page.name)) named(own.getBounds().getCenter(), page.name, true);
    end(labelLayer);
  }

  window.Yudi.placeMap = placeMap;
})();
