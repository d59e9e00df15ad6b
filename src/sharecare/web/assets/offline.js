// Without a network the pages of the day's supports are shown as they were last seen; everything else says so.
const SHELF = "sharecare-1";
const KEPT = /^\/(supports|home|bookings\/\d+)$/;
const AWAY = "/offline"; // what says so, in the language of the pages seen last

self.addEventListener("install", (event) =>
  event.waitUntil(keepAway().catch(() => {}).then(() => self.skipWaiting())));
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== location.origin) return;
  if (request.method === "POST" && url.pathname === "/sign-out") event.waitUntil(caches.delete(SHELF));
  if (request.method !== "GET") return;
  if (url.pathname.startsWith("/assets/")) event.respondWith(keptFirst(request));
  else if (request.mode === "navigate") event.respondWith(freshFirst(event, KEPT.test(url.pathname)));
});

async function keptFirst(request) {
  const shelf = await caches.open(SHELF);
  const kept = await shelf.match(request);
  if (kept) return kept;
  const fresh = await fetch(request);
  if (fresh.ok) shelf.put(request, fresh.clone());
  return fresh;
}

async function freshFirst(event, keeps) {
  const { request } = event;
  const shelf = await caches.open(SHELF);
  try {
    const fresh = await fetch(request);
    if (keeps && fresh.ok && !fresh.redirected) shelf.put(request, fresh.clone());
    const language = fresh.headers.get("Content-Language");
    if (language) event.waitUntil(keepAway(language).catch(() => {}));
    return fresh;
  } catch (error) {
    const kept = keeps && (await shelf.match(request, { ignoreSearch: true }));
    if (kept) return asKept(kept);
    const away = await shelf.match(AWAY, { ignoreVary: true });
    if (away) return away;
    throw error;
  }
}

/** Let a page know that it comes from the shelf. */
async function asKept(page) {
  const text = (await page.text()).replace("<body>", "<body data-kept>");
  return new Response(text, { headers: page.headers });
}

/** Keep the page that says there is no network, with what it is drawn with, unless it is there in a language. */
async function keepAway(language) {
  const shelf = await caches.open(SHELF);
  const kept = await shelf.match(AWAY, { ignoreVary: true });
  if (kept && kept.headers.get("Content-Language") === language) return;
  const page = await fetch(AWAY);
  if (!page.ok) return;
  const text = await page.clone().text();
  await shelf.put(AWAY, page);
  for (const [, address] of text.matchAll(/"(\/assets\/[^"#]+)/g)) await keptFirst(new Request(address));
}
