// Keeps the diary's page on a device whose owner asked for it, so that it opens without a network.
const KEPT = "ischio-diary";
const DIARY = "/me/diary";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { pathname } = new URL(event.request.url);
  if (event.request.method !== "GET") return;
  if (pathname === DIARY) event.respondWith(newest(event.request));
  else if (pathname.startsWith("/static/")) event.respondWith(unchanging(event.request));
});

// From the network, and what was kept only where there is none.
async function newest(request) {
  const kept = await caches.open(KEPT);
  try {
    const answer = await fetch(request);
    if (answer.ok) await kept.put(DIARY, answer.clone());
    // Whoever is not let in any more finds nothing here either.
    if (answer.status === 401) await kept.delete(DIARY);
    return answer;
  } catch {
    return (await kept.match(DIARY)) ?? Response.error();
  }
}

// Their names change with what they hold.
async function unchanging(request) {
  const kept = await caches.open(KEPT);
  const found = await kept.match(request);
  if (found) return found;
  const answer = await fetch(request);
  if (answer.ok) await kept.put(request, answer.clone());
  return answer;
}
