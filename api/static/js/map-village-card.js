/* The card of a village name: what the register says of it, its picture, what the programme collects around it, reading
   aloud, and where it leads. A classic script, as the map's own. */
(function () {
  "use strict";

  const { element } = window.Yudi;
  const NUMBER = 0, NAME = 1, ROMAN = 3, LON = 6, UNIT = 8, FLAGS = 9, YEAR = 10, MEANING = 11, TALE = 12;
  const DEMO = 64;

  function villageCard({ page, card, kindOf, itemsOf }) {
    const { words } = page;

    function facts(name, record) {
      const unit = page.units[name[UNIT]];
      return [
        [words.pinyin_of, name[ROMAN]],
        [words.township_of, unit ? unit.title : null],
        [words.named_in, name[YEAR]],
        [words.meaning, record ? record.meaning : null],
      ].filter(([, value]) => value !== null && value !== undefined && value !== "");
    }

    async function record(name) {
      if (name.length > MEANING) return { meaning: name[MEANING], story: name[TALE], pictures: [], place_id: null };
      if (!page.record) return null;
      const answer = await fetch(page.record + name[NUMBER], { credentials: "omit" });
      if (!answer.ok) throw new Error(String(answer.status));
      const found = await answer.json();
      if (!name[ROMAN]) name[ROMAN] = found.romanization;
      return { meaning: found.meaning, story: found.facts.story || null, pictures: found.pictures || [], place_id: found.place_id, names_unit: found.names_unit };
    }

    function show(name, from, told) {
      const kind = kindOf(name);
      card.show(
        {
          kind: words["kind_" + kind],
          title: name[NAME],
          facts: facts(name, told),
          text: told ? told.story : null,
          note: [name[LON] === null ? words.villages_unplaced : null, name[FLAGS] & DEMO ? words.demo_mark : null].filter(Boolean).join(" · "),
        },
        { from },
      );
      const extra = element("div", "card-more");
      if (told && told.pictures.length && told.place_id !== null) {
        const picture = element("img", "card-picture");
        picture.src = "/places/" + told.place_id + "/pictures/" + told.pictures[0].sha256;
        picture.alt = told.pictures[0].caption || name[NAME];
        picture.loading = "lazy";
        card.box.querySelector(".card-head").after(picture);
      }
      const own = itemsOf(name[NUMBER]);
      if (own.length) {
        extra.append(element("h3", "card-subtitle", words.programme_items));
        const items = element("ul", "card-items");
        for (const item of own) {
          const line = element("li");
          line.append(element("span", "chip", item.kind_name), document.createTextNode(" " + item.title));
          if (item.says) line.append(element("p", "card-note", item.says));
          items.append(line);
        }
        extra.append(items);
      }
      const speak = reader(name, told);
      if (speak) extra.append(speak);
      if (page.links) {
        const link = element("a", "card-link", words.villages_open);
        link.href = "/names/" + name[NUMBER];
        extra.append(link);
        if (told && /^\d{12}$/.test(told.names_unit || "") && told.names_unit !== page.within) {
          const own = element("a", "card-link", words.villages_own);
          own.href = "/maps/villages?village=" + told.names_unit;
          extra.append(own);
        }
      }
      card.box.append(extra);
    }

    /* Reading aloud, where the machine has a Chinese voice. */
    function stopReading() {
      if (window.speechSynthesis) window.speechSynthesis.cancel();
    }

    function reader(name, told) {
      if (!window.speechSynthesis || !window.speechSynthesis.getVoices().some((v) => /^(zh|cmn)/i.test(v.lang))) return null;
      const button = element("button", "button", words.read_aloud);
      button.type = "button";
      button.addEventListener("click", () => {
        if (window.speechSynthesis.speaking) {
          stopReading();
          button.textContent = words.read_aloud;
          return;
        }
        const speech = new SpeechSynthesisUtterance([name[NAME], told && told.meaning, told && told.story].filter(Boolean).join("。"));
        speech.lang = "zh-CN";
        speech.addEventListener("end", () => { button.textContent = words.read_aloud; });
        window.speechSynthesis.speak(speech);
        button.textContent = words.read_stop;
      });
      return button;
    }

    return { show, record, quiet: stopReading };
  }

  window.Yudi.villageCard = villageCard;
})();
