/* Areas of policy on a date: outlines by kind, a card with the document. Names are data, text nodes only. */
(function () {
  "use strict";

  const { ground, Card } = window.Yudi;

  function areaMap(map, labelLayer) {
    const { page, stage, canvas, end } = ground(map);
    const card = Card(stage, page.words, () => {});
    for (const area of page.areas)
      L.geoJSON({ type: "Feature", properties: {}, geometry: area.geometry }, {
        style: { renderer: canvas, color: area.colour, weight: 1.4, dashArray: area.dash, fillColor: area.colour, fillOpacity: 0.3 },
      }).on("click", () => card.show({ title: area.name, kind: area.kind, facts: area.facts })).addTo(map);
    end(labelLayer);
  }

  window.Yudi.areaMap = areaMap;
})();
