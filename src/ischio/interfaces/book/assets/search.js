// Search in the book without a server: the index is a script of its own, fetched when the field is first used.
// Modules may not be loaded from a file, so this is a plain script that keeps its names to itself.
"use strict";
(() => {
  const root = document.currentScript.dataset.root;
  const form = document.getElementById("search");
  const field = document.getElementById("sought");
  const count = document.getElementById("count");
  const list = document.getElementById("found");
  const MOST = 20;
  let index = null;

  // Entries are [key, title, kind, sentence]. Every word must occur; a title that begins so comes first.
  function search(text) {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    if (!words.length) return [];
    const weigh = ([key, title, , sentence]) => {
      const name = title.toLowerCase();
      const all = `${name} ${key.toLowerCase()} ${sentence.toLowerCase()}`;
      if (!words.every((word) => all.includes(word))) return 0;
      if (name.startsWith(words[0])) return 3;
      return words.every((word) => name.includes(word)) ? 2 : 1;
    };
    const weighed = index.map((entry) => [weigh(entry), entry]).filter(([weight]) => weight);
    return weighed.sort((one, other) => other[0] - one[0]).map(([, entry]) => entry);
  }

  function item([key, title, kind, sentence]) {
    const link = document.createElement("a");
    link.href = `${root}${key}.html`;
    link.textContent = title;
    const note = document.createElement("span");
    note.className = "quiet";
    note.textContent = ` ${kind}. ${sentence}`;
    const line = document.createElement("li");
    line.append(link, note);
    return line;
  }

  function show() {
    if (!index) return;
    const found = search(field.value);
    list.replaceChildren(...found.slice(0, MOST).map(item));
    const shown = found.length > MOST ? `, the first ${MOST} shown` : "";
    count.textContent = field.value.trim() ? `${found.length} found${shown}` : "";
  }

  function load() {
    if (document.getElementById("index")) return;
    const script = document.createElement("script");
    script.id = "index";
    script.src = `${root}search-index.js`;
    script.onload = () => { index = globalThis.bookIndex; show(); };
    document.head.append(script);
  }

  form.hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());
  field.addEventListener("focus", load);
  field.addEventListener("input", () => { load(); show(); });
})();
