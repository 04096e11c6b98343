// The diary without a network: what is entered lies in the browser until the clinic has it. Without this script the
// form is sent as any other.

const form = document.querySelector("form[data-diary]");
const told = document.querySelector("[data-waiting]");

// ---- what waits on this device ----

const opened = new Promise((resolve, reject) => {
  const request = indexedDB.open("ischio-diary", 1);
  request.onupgradeneeded = () => request.result.createObjectStore("entries", { keyPath: "id" });
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

// One transaction, over when it is on the disk: a browser that is killed afterwards has it still.
async function stored(mode, ask) {
  const database = await opened;
  return new Promise((resolve, reject) => {
    const transaction = database.transaction("entries", mode, { durability: "strict" });
    const request = ask(transaction.objectStore("entries"));
    transaction.oncomplete = () => resolve(request.result);
    transaction.onerror = transaction.onabort = () => reject(transaction.error);
  });
}

// Another patient may have used this device: what is theirs is neither counted nor sent.
const waiting = async () =>
  (await stored("readonly", (entries) => entries.getAll())).filter((entry) => entry.owner === form.dataset.owner);

// ---- sending ----

let sending = false;

async function send() {
  const entries = await waiting();
  if (sending || !entries.length) return tell(entries.length ? form.dataset.unsent : "", entries.length);
  sending = true;
  try {
    const state = await fetch(form.dataset.state, { cache: "no-store", redirect: "error" });
    if (state.status === 401) return tell(form.dataset.signedOut, entries.length);
    const { owner, csrf } = await state.json();
    if (owner !== form.dataset.owner) return tell(form.dataset.signedOut, entries.length);
    const body = JSON.stringify({ csrf, entries: entries.map(({ id, day, done }) => ({ id, day, done })) });
    const headers = { "content-type": "application/json" };
    const answer = await fetch(form.dataset.entries, { method: "POST", headers, body, redirect: "error" });
    if (!answer.ok) return tell(form.dataset.unsent, entries.length);
    const { kept, refused } = await answer.json();
    for (const id of kept) await stored("readwrite", (all) => all.delete(id));
    if (refused.length) return tell(refused[0].what, refused.length);
    tell(form.dataset.sent, 0);
    show(entries.filter(({ id }) => kept.includes(id)), form.dataset.one_sent);
  } catch {
    tell(form.dataset.unsent, entries.length);
  } finally {
    sending = false;
  }
}

function tell(words, count) {
  told.textContent = words.replace("%d", count);
  told.classList.toggle("waits", count > 0);
}
