/* Keeps what is typed in a form as a draft, and sends the form when there is a signal. Without scripts, Save does it all. */

const PAUSE = 1500; // milliseconds after the last key
const AGAIN = 5000; // before the next try where one failed
const LEAVING = 2000; // at most, for the last words of a page that is left
const MOST_ALIVE = 60_000; // a browser lets no more than 64 kB outlive their page
const TEXT = "application/x-www-form-urlencoded;charset=UTF-8";

function keeper(form) {
  const says = form.querySelector("[data-says]");
  let timer;
  let kept = typed();
  let keeps = 0; // so that of two on their way the later one counts
  let pressed = null; // the button of a page that waits to be sent
  let waits = false;
  let busy = false;
  let leaving = false;

  function typed() {
    return new URLSearchParams([...new FormData(form)].filter(([, value]) => typeof value === "string")).toString();
  }

  function next(wait) {
    clearTimeout(timer);
    timer = setTimeout(waits ? send : keepDraft, wait);
  }

  function post(now, options) {
    const headers = { "Content-Type": TEXT };
    return fetch(form.dataset.draft, { method: "POST", headers, body: `${now}&keeps=${++keeps}`, ...options });
  }

  // Whether the form can be sent now: Deal could be reached, and does not find it too long
  async function keep() {
    const now = typed();
    busy = true;
    try {
      const answer = await post(now, { signal: AbortSignal.timeout(10000) });
      if (answer.status === 413) {
        says.textContent = says.dataset.tooLong;
        waits = false; // until somebody has made it shorter
        return false;
      }
      if (answer.ok || answer.status === 409) kept = now;
      if (answer.ok || answer.status === 409 || answer.status === 422) says.textContent = (await answer.json()).sentence;
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
    if (!busy && isDirty()) keep();
  }

  // What is typed lies in this open page and nowhere else on the device until Deal has it; sent twice, it counts once
  async function send() {
    if (busy) return next(200);
    if (!(await keep())) return;
    clearTimeout(timer);
    leaving = true;
    form.requestSubmit(pressed);
  }

  function isDirty() {
    return !leaving && typed() !== kept;
  }

  // The page is going: a request that outlives it
  function flush() {
    const now = typed();
    if (!isDirty() || now.length > MOST_ALIVE) return;
    clearTimeout(timer);
    post(now, { keepalive: true }).then(
      (answer) => {
        if (answer.ok) kept = now;
      },
      () => next(AGAIN),
    );
  }

  says.hidden = false;
  form.addEventListener("input", () => next(PAUSE));
  form.addEventListener("submit", (event) => {
    if (event.submitter?.name === "leave_to") {
      event.preventDefault();
      return leaveFor(event.submitter.value);
    }
    if (leaving || event.submitter?.name === "draft_row" || (navigator.onLine && !isDirty())) {
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
  return { keep, flush, isDirty, isLong: () => typed().length > MOST_ALIVE };
}

const keepers = [...document.querySelectorAll("form[data-draft]")].map(keeper);
const dirty = () => keepers.filter((one) => one.isDirty());

async function leaveFor(address) {
  const late = new Promise((resolve) => setTimeout(resolve, LEAVING));
  await Promise.race([Promise.all(dirty().map((one) => one.keep())), late]);
  window.location.href = address;
}

document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") for (const one of keepers) one.flush();
});
window.addEventListener("pagehide", () => {
  for (const one of keepers) one.flush();
});
// Too long to outlive its page: the link waits for it
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  const plain = !event.defaultPrevented && event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey);
  if (!link || !plain || link.target || !dirty().some((one) => one.isLong())) return;
  event.preventDefault();
  leaveFor(link.href);
});
