/* A question's page: what is typed is kept as a draft, and the question is read aloud. Without scripts, Save does it all. */

const form = document.querySelector("form[data-draft]");
const says = document.querySelector("[data-says]");
const PAUSE = 1500; // milliseconds after the last key
const AGAIN = 5000; // before the next try where one failed
let timer;
let kept = typed();
let saving = false;

function typed() {
  const fields = new URLSearchParams(new FormData(form));
  fields.delete("once");
  return fields.toString();
}

function keepIn(wait) {
  clearTimeout(timer);
  timer = setTimeout(keep, wait);
}

async function keep() {
  const now = typed();
  if (saving || now === kept) return;
  try {
    const answer = await fetch(form.dataset.draft, {
      method: "POST",
      body: new URLSearchParams(now),
      signal: AbortSignal.timeout(10000),
    });
    if (answer.ok) kept = now;
    if (answer.ok || answer.status === 422) says.textContent = (await answer.json()).sentence;
    else if (answer.status === 400 || answer.status === 401) says.textContent = says.dataset.signedOut;
    else throw new Error(answer.status);
  } catch {
    says.textContent = navigator.onLine ? says.dataset.failed : says.dataset.offline;
    keepIn(AGAIN);
  }
}

says.hidden = false;
form.addEventListener("input", () => keepIn(PAUSE));
form.addEventListener("submit", () => {
  saving = true;
});
window.addEventListener("offline", () => {
  says.textContent = says.dataset.offline;
});
window.addEventListener("online", () => keepIn(0));
window.addEventListener("pageshow", () => {
  saving = false;
});

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
