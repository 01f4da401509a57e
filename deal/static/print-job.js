/* How far a big print is, without loading the page again and again. Without scripts the page loads itself. */

const shown = () => document.querySelector("[data-print-job]");

async function look() {
  const answer = await fetch(window.location.href);
  if (!answer.ok) return window.location.reload();
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const now = page.querySelector("[data-print-job]");
  const changed = now?.childElementCount !== shown().childElementCount;
  if (changed || now.dataset.printJob !== "waits") return window.location.reload();
  const bar = shown().querySelector("progress");
  bar.value = now.querySelector("progress").value;
  shown().querySelector("#how-far").textContent = now.querySelector("#how-far").textContent;
  setTimeout(look, 1000);
}

setTimeout(look, 1000);
