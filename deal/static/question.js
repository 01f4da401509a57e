/* A question that is read aloud. */

// Read aloud with the browser's own voice, where it has one for this page's language
const reader = document.querySelector("button[data-read]");
const language = document.documentElement.lang;

function toBeRead() {
  const parts = ".deal-asked, .deal-words, h1, .govuk-hint, .govuk-checkboxes__label, .govuk-radios__label";
  const asked = [...document.querySelectorAll("main")].flatMap((main) => [...main.querySelectorAll(parts)]);
  const ends = [...document.querySelectorAll(".deal-scale__low, .deal-scale__high")];
  const shown = [...asked, ...ends].filter((part) => !part.closest("details"));
  return shown.map((part) => part.textContent.trim()).join(". ");
}

function stop() {
  speechSynthesis.cancel();
  reader.textContent = reader.dataset.read;
}

function offer() {
  reader.hidden = !speechSynthesis.getVoices().some((voice) => voice.lang.toLowerCase().startsWith(language));
}

if (reader && "speechSynthesis" in window) {
  offer();
  speechSynthesis.addEventListener("voiceschanged", offer);
  window.addEventListener("pagehide", stop);
  reader.addEventListener("click", () => {
    if (reader.textContent === reader.dataset.stop) return stop();
    const speech = new SpeechSynthesisUtterance(toBeRead());
    speech.lang = language;
    speech.voice = speechSynthesis.getVoices().find((voice) => voice.lang.toLowerCase().startsWith(language));
    speech.addEventListener("end", stop);
    reader.textContent = reader.dataset.stop;
    speechSynthesis.speak(speech);
  });
}
