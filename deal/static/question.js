/* A page that keeps a draft of what is typed, and is sent when there is a signal.
   Without scripts, Save does it all. */

const form = document.querySelector("form[data-draft]");
const says = document.querySelector("[data-says]");
const PAUSE = 1500; // milliseconds after the last key
const AGAIN = 5000; // before the next try where one failed
let timer;
let kept = typed();
let pressed = null; // the button of a page that waits to be sent
let waits = false;
let busy = false;
let leaving = false;

function typed() {
  const fields = new URLSearchParams(new FormData(form));
  fields.delete("once");
  return fields.toString();
}

function next(wait) {
  clearTimeout(timer);
  timer = setTimeout(waits ? send : keepDraft, wait);
}

// Whether Deal could be reached, whatever it said
async function keep() {
  const now = typed();
  busy = true;
  try {
    const answer = await fetch(form.dataset.draft, {
      method: "POST",
      body: new URLSearchParams(now),
      signal: AbortSignal.timeout(10000),
    });
    if (answer.ok) kept = now;
    if (answer.ok || answer.status === 422) says.textContent = (await answer.json()).sentence;
    else if (answer.status === 400 || answer.status === 401) says.textContent = says.dataset.signedOut;
    else {
      says.textContent = says.dataset.failed;
      next(AGAIN);
    }
    return true;
  } catch {
    says.textContent = waits ? says.dataset.waits : navigator.onLine ? says.dataset.failed : says.dataset.offline;
    next(AGAIN);
    return false;
  } finally {
    busy = false;
  }
}

function keepDraft() {
  if (!busy && !leaving && typed() !== kept) keep();
}

// What is typed lies in this open page and nowhere else on the device until Deal has it; sent twice, it counts once
async function send() {
  if (busy) return next(200);
  if (!(await keep())) return;
  clearTimeout(timer);
  leaving = true;
  form.requestSubmit(pressed);
}

says.hidden = false;
form.addEventListener("input", () => next(PAUSE));
form.addEventListener("submit", (event) => {
  if (leaving || (navigator.onLine && typed() === kept)) {
    leaving = true;
    return;
  }
  event.preventDefault();
  pressed = event.submitter;
  if (waits) return;
  waits = true;
  if (!navigator.onLine) says.textContent = says.dataset.waits;
  send();
});
window.addEventListener("offline", () => {
  says.textContent = waits ? says.dataset.waits : says.dataset.offline;
});
window.addEventListener("online", () => next(0));
window.addEventListener("pageshow", () => {
  leaving = false;
  waits = false;
});
