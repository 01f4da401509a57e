/* A question is read aloud with the browser's own voice, where it has one for this page's language.
   A sentence at a time: desktop Chrome falls silent in the middle of a long utterance. */

const reader = document.querySelector("button[data-read]");
const language = document.documentElement.lang;
const LONGEST = 200; // characters of one utterance, under 15 seconds of a slow voice
let waiting = []; // the sentences that are still to come
let current = null; // the utterance that is being spoken

function voice() {
  return speechSynthesis.getVoices().find((one) => one.lang.toLowerCase().startsWith(language));
}

function parts() {
  const asked = [...document.querySelectorAll("main")].flatMap((main) => [
    ...main.querySelectorAll(".deal-asked, .deal-words, h1, .govuk-hint, .govuk-checkboxes__label, .govuk-radios__label"),
  ]);
  const ends = [...document.querySelectorAll(".deal-scale__low, .deal-scale__high")];
  return [...asked, ...ends].filter((part) => !part.closest("details")).map((part) => part.textContent);
}

// An endless sentence is cut at a blank
function short(sentence) {
  return sentence.match(new RegExp(`\\S.{0,${LONGEST - 1}}(?=\\s|$)|\\S{1,${LONGEST}}`, "gsu")) ?? [];
}

function sentences(text) {
  if (!("Segmenter" in Intl)) return text.match(/[^.!?…\n]+[.!?…]*/gu) ?? [];
  return [...new Intl.Segmenter(language, { granularity: "sentence" }).segment(text)].map((one) => one.segment);
}

function rest() {
  current = null;
  waiting = [];
  reader.textContent = reader.dataset.read;
}

function stop() {
  rest();
  speechSynthesis.cancel();
}

// Events of an utterance that was stopped come late, and change nothing any more
function speak() {
  const text = waiting.shift();
  if (text === undefined) return rest();
  const speech = new SpeechSynthesisUtterance(text);
  current = speech;
  speech.lang = language;
  speech.voice = voice();
  speech.addEventListener("end", () => current === speech && speak());
  speech.addEventListener("error", () => current === speech && stop());
  speechSynthesis.speak(speech);
}

function offer() {
  reader.hidden = !voice();
}

if (reader && "speechSynthesis" in window) {
  offer();
  speechSynthesis.addEventListener("voiceschanged", offer);
  window.addEventListener("pagehide", stop);
  reader.addEventListener("click", () => {
    if (current) return stop();
    waiting = parts().flatMap(sentences).flatMap(short);
    reader.textContent = reader.dataset.stop;
    speak();
  });
}
