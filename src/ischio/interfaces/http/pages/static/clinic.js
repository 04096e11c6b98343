// What the pages can do beside links and forms; each of them works without it.

// A note can be copied at one press; its text stands in the page for those without a script.
for (const button of document.querySelectorAll("button[data-copies]")) {
  const note = document.getElementById(button.dataset.copies);
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(note.value);
    const told = button.nextElementSibling;
    told.textContent = button.dataset.done;
  });
}

// Keys: "g p" leads to the patients, "w" to the reasons, "?" to the help. They can be switched off on the help page.
const KEYS = "ischio-keys";
let before = "";
const goes = { gp: "/patients", w: document.querySelector("a[rel=help]")?.getAttribute("href"), "?": "/about#keys" };
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (typing || event.ctrlKey || event.metaKey || event.altKey || localStorage.getItem(KEYS) === "off") return;
  const address = goes[before + event.key] ?? goes[event.key];
  before = event.key === "g" ? "g" : "";
  if (address) location.assign(address);
});
const turn = document.querySelector("button[data-keys]");
if (turn) {
  const tell = () => turn.setAttribute("aria-pressed", String(localStorage.getItem(KEYS) !== "off"));
  turn.hidden = false;
  turn.addEventListener("click", () => {
    localStorage.setItem(KEYS, localStorage.getItem(KEYS) === "off" ? "on" : "off");
    tell();
  });
  tell();
}

// A form that was sent is not sent twice by a second press.
document.addEventListener("submit", (event) => {
  if (event.target.dataset.sent) event.preventDefault();
  else event.target.dataset.sent = "yes";
});
addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent));
