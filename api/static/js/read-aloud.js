/* 朗读: reads the page aloud where the machine has a voice for its language; without one there is no button. */
const speech = window.speechSynthesis;
const bar = document.querySelector("[data-reading]");

function voice() {
  const wanted = document.documentElement.lang.startsWith("en") ? /^en/i : /^(zh|cmn)/i;
  return speech.getVoices().find((v) => wanted.test(v.lang));
}

function offer() {
  if (!bar || !voice()) return;
  bar.hidden = false;
  const button = bar.querySelector("button");
  const stop = () => {
    speech.cancel();
    button.textContent = button.dataset.read;
    button.setAttribute("aria-pressed", "false");
  };
  button.onclick = () => {
    if (speech.speaking) return stop();
    /* By paragraph: a long text in one piece is cut off by some voices. */
    const parts = [...document.querySelectorAll("main h1, main h2, main h3, main p, main li, main dt, main dd, main td")]
      .filter((e) => e.offsetParent !== null && !e.querySelector("p, li, td"))
      .map((e) => e.innerText.trim())
      .filter(Boolean);
    for (const part of parts) {
      const said = new SpeechSynthesisUtterance(part);
      said.voice = voice();
      said.lang = said.voice.lang;
      said.rate = 0.85;
      speech.speak(said);
    }
    const end = new SpeechSynthesisUtterance(" ");
    end.onend = stop;
    speech.speak(end);
    button.textContent = button.dataset.stop;
    button.setAttribute("aria-pressed", "true");
    return undefined;
  };
}

if (speech) {
  offer();
  speech.addEventListener("voiceschanged", offer);
  window.addEventListener("pagehide", () => speech.cancel());
}
