// Shows what the form would answer while it is filled in, and renews the log. Without scripts the page works as well.

const choice = document.querySelector("#choice");
const preview = document.querySelector("#preview");
const problem = document.querySelector("#problem");
const questions = document.querySelector("#questions");
const PREVIEW_AFTER_MS = 150;
const RENEW_EVERY_MS = 3000;

let asked = 0;
async function showPreview() {
  const mine = ++asked;
  const response = await fetch(choice.dataset.preview, { method: "POST", body: new FormData(choice) });
  if (!response.ok || response.redirected) return location.reload();
  const said = await response.json();
  // An earlier answer may come after a later one.
  if (mine !== asked) return;
  preview.textContent = said.text;
  problem.textContent = said.problem;
}

let waiting;
choice.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(showPreview, PREVIEW_AFTER_MS);
});

setInterval(async () => {
  // What somebody reads just now stays as it is.
  if (document.hidden || questions.querySelector("details[open]")) return;
  const response = await fetch(questions.dataset.renew);
  // The server has escaped it, and the page's policy runs no script in it.
  if (response.ok && !response.redirected) questions.innerHTML = await response.text();
}, RENEW_EVERY_MS);
