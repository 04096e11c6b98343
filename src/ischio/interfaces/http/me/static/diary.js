// The diary without a network: what is entered lies in the browser until the clinic has it. Without this script the form
// is sent as any other.

const form = document.querySelector("form[data-diary]");
const status = document.querySelector("[data-status]");
const list = document.querySelector("[data-waiting]");
const say = status.dataset;

// ---- what waits on this device --------------------------------------------------------------------------------------

const opened = new Promise((resolve, reject) => {
  const request = indexedDB.open("ischio-diary", 1);
  request.onupgradeneeded = () => request.result.createObjectStore("entries", { keyPath: "id" });
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

// One transaction. It is over once it is on the disk: a browser that is killed afterwards still has it.
async function stored(mode, ask) {
  const database = await opened;
  return new Promise((resolve, reject) => {
    const transaction = database.transaction("entries", mode, { durability: "strict" });
    const request = ask(transaction.objectStore("entries"));
    transaction.oncomplete = () => resolve(request.result);
    transaction.onerror = transaction.onabort = () => reject(transaction.error);
  });
}

// Somebody else may have used this device: what is theirs is neither counted, shown nor sent.
async function waiting() {
  const every = await stored("readonly", (entries) => entries.getAll());
  return every.filter(({ owner }) => owner === status.dataset.owner).sort((a, b) => a.at - b.at);
}

const keep = (entry) => stored("readwrite", (entries) => entries.put(entry));
const drop = (id) => stored("readwrite", (entries) => entries.delete(id));

// ---- sending --------------------------------------------------------------------------------------------------------

let sending = null;

// One at a time: whoever asks meanwhile waits for the same. Returns how many still wait.
function send() {
  sending ??= sendAll().finally(() => (sending = null));
  return sending;
}

async function sendAll() {
  const entries = await waiting();
  if (!entries.length) return tell("", 0);
  let why = say.unsent;
  try {
    const state = await fetch("/me/diary/state", { cache: "no-store" });
    if (state.status === 401) return tell(say.shut, entries.length);
    const { owner, csrf } = await state.json();
    if (owner !== say.owner) return tell(say.shut, entries.length);
    for (const entry of entries) {
      const answer = await sendOne(entry, csrf);
      if (answer.status === 200) await drop(entry.id);
      else if (answer.status === 422) why = (await answer.json()).what;
      else break;
    }
  } catch {
    // No network: nothing is lost, it is tried again.
  }
  const left = await waiting();
  return left.length ? tell(why, left.length) : tell(say.sent, 0);
}

function sendOne({ id, day, done }, csrf) {
  const body = new URLSearchParams([["csrf", csrf], ["id", id], ["day", day], ...done.map((one) => ["done", one])]);
  return fetch("/me/diary", { method: "POST", body, headers: { accept: "application/json" } });
}

// ---- what is told ---------------------------------------------------------------------------------------------------

async function tell(words, count) {
  status.textContent = words.replace("{#}", count);
  status.classList.toggle("waits", count > 0);
  if (list) {
    const entries = await waiting();
    list.replaceChildren(...entries.map(line));
    list.closest("section").hidden = !entries.length;
  }
  return count;
}

function line({ day, titles }) {
  const item = document.createElement("li");
  item.textContent = `${dayInWords(day)}: ${titles.join(", ")}`;
  return item;
}

function dayInWords(day) {
  const format = { weekday: "long", day: "numeric", month: "long", timeZone: "UTC" };
  return new Intl.DateTimeFormat(document.documentElement.lang, format).format(new Date(`${day}T00:00Z`));
}

// The calendar of the device: a page that was kept may be of another day.
function isoDay(back) {
  const day = new Date();
  day.setDate(day.getDate() - back);
  return [day.getFullYear(), day.getMonth() + 1, day.getDate()].map((one) => String(one).padStart(2, "0")).join("-");
}

function setDays() {
  [...form.elements.day.options].forEach((option, back) => {
    const day = isoDay(back);
    if (option.value === day) return;
    option.value = day;
    if (back > 1) option.textContent = dayInWords(day);
  });
}

// ---- the form -------------------------------------------------------------------------------------------------------

if (form) {
  setDays();
  addEventListener("visibilitychange", () => document.hidden || setDays());
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const ticked = [...form.querySelectorAll("input[name=done]:checked")];
    if (!ticked.length) return tell(say.none, 0);
    const done = ticked.map((one) => one.value);
    const titles = ticked.map((one) => one.dataset.title);
    const id = crypto.randomUUID();
    await keep({ id, owner: say.owner, day: form.elements.day.value, done, titles, at: Date.now() });
    ticked.forEach((one) => (one.checked = false));
    await tell(say.saved, 1);
    if ((await send()) === 0) location.replace("/me/diary?said=sent");
  });
}

// Signing out: first what waits is sent. Where that fails it is said once, and it stays here until the patient is in again.
const leaving = document.querySelector("form[data-leaves]");
let warned = false;
leaving?.addEventListener("submit", async (event) => {
  if (warned) return;
  event.preventDefault();
  warned = (await send()) > 0;
  await takeOff();
  if (!warned) leaving.submit();
});

addEventListener("online", send);
setInterval(async () => (await waiting()).length && send(), 30_000);
send();

// ---- the page on the device -----------------------------------------------------------------------------------------

const KEPT = "ischio-diary";
const registration = () => navigator.serviceWorker?.getRegistration("/me/");

// Browsers with trusted types take the address of a script only from a policy that the page names. It is made once.
let policy = null;
function worker() {
  policy ??= window.trustedTypes?.createPolicy("ischio-worker", { createScriptURL: () => "/me/worker.js" });
  return policy?.createScriptURL("") ?? "/me/worker.js";
}

async function putOn() {
  await navigator.serviceWorker.register(worker());
  const drawnWith = [...document.querySelectorAll("link[rel=stylesheet], script[src]")].map((one) => one.href || one.src);
  await (await caches.open(KEPT)).addAll(["/me/diary", ...drawnWith]);
}

async function takeOff() {
  await (await registration())?.unregister();
  await globalThis.caches?.delete(KEPT);
}

const turn = document.querySelector("button[data-keep]");

async function tellKept() {
  turn.hidden = false;
  turn.dataset.keep = (await registration()) ? "yes" : "";
  turn.textContent = turn.dataset.keep ? say.drop : say.keep;
}

if (turn && "serviceWorker" in navigator) {
  turn.addEventListener("click", async () => {
    await (turn.dataset.keep ? takeOff() : putOn());
    await tellKept();
  });
  tellKept();
}
