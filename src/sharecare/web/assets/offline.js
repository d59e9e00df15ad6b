// Without a network the pages of the day's supports are shown as they were last seen; everything else says so.
const SHELF = "sharecare-1";
const KEPT = /^\/(supports|home|bookings\/\d+)$/;
const BOOKING = /"(\/bookings\/\d+)"/g;
const NEXT = 3; // bookings kept before anyone has opened them
const HOUR_MS = 60 * 60 * 1000; // so long such a page is good enough
const LET_GO_MS = 48 * HOUR_MS; // a booking's page names an address
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
    if (keeps && fresh.ok && !fresh.redirected) {
      shelf.put(request, fresh.clone());
      event.waitUntil(keepNext(fresh.clone()).catch(() => {}));
    }
    const language = fresh.headers.get("Content-Language");
    if (language) event.waitUntil(keepAway(language).catch(() => {}));
    return fresh;
  } catch (error) {
    const kept = keeps && (await shelf.match(request, { ignoreSearch: true, ignoreVary: true }));
    if (kept) return asKept(kept);
    const away = await shelf.match(AWAY, { ignoreVary: true });
    if (away) return away;
    throw error;
  }
}

/** Keep what a page names first, so that the day's supports are there without a network; let go of what is old. */
async function keepNext(page) {
  const shelf = await caches.open(SHELF);
  for (const one of await shelf.keys()) {
    if (new URL(one.url).pathname.startsWith("/bookings/") && (await ageOf(one)) > LET_GO_MS) await shelf.delete(one);
  }
  const named = new Set([...(await page.text()).matchAll(BOOKING)].map(([, address]) => address));
  for (const address of [...named].slice(0, NEXT)) {
    if ((await ageOf(address)) < HOUR_MS) continue;
    const booking = await fetch(address);
    if (booking.ok && !booking.redirected) await keepWhole(address, booking);
  }
}

/** Return how long ago a page was kept, in milliseconds; nothing kept is older than anything. */
async function ageOf(page) {
  const kept = await (await caches.open(SHELF)).match(page, { ignoreVary: true });
  return kept ? Date.now() - Date.parse(kept.headers.get("Date")) : Infinity;
}

/** Let a page know that it comes from the shelf. */
async function asKept(page) {
  const text = (await page.text()).replace("<body>", "<body data-kept>");
  return new Response(text, { headers: page.headers });
}

/** Keep the page that says there is no network, unless it is there in a language. */
async function keepAway(language) {
  const shelf = await caches.open(SHELF);
  const kept = await shelf.match(AWAY, { ignoreVary: true });
  if (kept && kept.headers.get("Content-Language") === language) return;
  const page = await fetch(AWAY);
  if (!page.ok) return;
  await keepWhole(AWAY, page);
}

/** Keep a page and what it is drawn with. */
async function keepWhole(address, page) {
  const text = await page.clone().text();
  for (const [, part] of text.matchAll(/"(\/assets\/[^"#]+)/g)) await keptFirst(new Request(part));
  await (await caches.open(SHELF)).put(address, page);
}
