// Without a network the pages of the day's supports are shown as they were last seen; everything else says so.
const PARTS = "sharecare-2"; // what pages are drawn with, and what says that there is no network: nobody's own
const OF = "sharecare-of-"; // and the name of a sign-in: the shelf of its pages; app.js knows it too
const KEPT = /^\/(supports|home|bookings\/\d+)$/;
const ENDS = /^\/(sign-in|sign-out|me\/password|reset)$/; // forms after which somebody else may sit here
const NEXT = 3; // bookings kept before anyone has opened them
const HOUR_MS = 60 * 60 * 1000; // so long such a page is good enough
const LET_GO_MS = 48 * HOUR_MS; // pages name families, a booking's an address: without a network nobody can take them back
const AWAY = "/offline"; // what says so, in the language of the pages seen last
const anyVary = { ignoreVary: true };
let seenAs; // whom the last page was drawn for

self.addEventListener("install", (event) =>
  event.waitUntil(keepAway().catch(() => {}).then(() => self.skipWaiting())));
self.addEventListener("activate", (event) =>
  event.waitUntil(Promise.all([letGo((name) => name !== PARTS && !name.startsWith(OF)), self.clients.claim()])));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== location.origin) return;
  if (request.method === "POST" && ENDS.test(url.pathname)) event.waitUntil(isNow(""));
  if (request.method !== "GET") return;
  if (url.pathname.startsWith("/assets/")) event.respondWith(keptFirst(request));
  else if (request.mode === "navigate") event.respondWith(freshFirst(event, url));
});

async function keptFirst(request) {
  const shelf = await caches.open(PARTS);
  const kept = await shelf.match(request);
  if (kept) return kept;
  const fresh = await fetch(request);
  if (fresh.ok) shelf.put(request, fresh.clone());
  return fresh;
}

async function freshFirst(event, { pathname, searchParams }) {
  let fresh;
  try {
    fresh = await fetch(event.request);
  } catch (error) {
    await letGoOfOld();
    const kept = KEPT.test(pathname) && (await caches.match(pathname, anyVary));
    if (kept) return asKept(kept);
    const away = await caches.match(AWAY, anyVary);
    if (away) return away;
    throw error;
  }
  const whose = fresh.headers.get("ShareCare-Whose");
  if (whose !== null) await isNow(whose).catch(() => {});
  if (whose && fresh.ok && KEPT.test(pathname) && !searchParams.has("cursor"))
    event.waitUntil(keepPage(pathname, fresh.clone()).catch(() => {}));
  const language = fresh.headers.get("Content-Language");
  if (language) event.waitUntil(keepAway(language).catch(() => {}));
  return fresh;
}

/** Note whom a page was drawn for ("nobody" too): what was kept of anyone else goes. */
function isNow(whose) {
  seenAs = whose;
  return letGo((name) => name.startsWith(OF) && name !== OF + whose);
}

async function letGo(goes) {
  for (const name of await caches.keys()) if (goes(name)) await caches.delete(name);
}

/** Let go of every page that was kept too long ago. */
async function letGoOfOld() {
  for (const name of await caches.keys()) {
    if (!name.startsWith(OF)) continue;
    const shelf = await caches.open(name);
    for (const one of await shelf.keys()) if (!((await ageOf(shelf, one)) <= LET_GO_MS)) await shelf.delete(one, anyVary);
  }
}

/** Keep a page, and what it says is next, so that this is there without a network; let go of what is old or off. */
async function keepPage(path, page) {
  const whose = page.headers.get("ShareCare-Whose");
  const ahead = page.headers.get("ShareCare-Ahead");
  await keepWhole(path, page);
  await letGoOfOld();
  if (ahead === null) return;
  const named = (ahead.match(/\d+/g) ?? []).map((id) => `/bookings/${id}`);
  const shelf = await caches.open(OF + whose);
  for (const one of await shelf.keys()) {
    const { pathname } = new URL(one.url);
    if (pathname.startsWith("/bookings/") && !named.includes(pathname)) await shelf.delete(one, anyVary);
  }
  for (const address of named.slice(0, NEXT)) {
    if ((await ageOf(shelf, address)) < HOUR_MS) continue;
    const booking = await fetch(address);
    if (booking.ok && !booking.redirected) await keepWhole(address, booking);
  }
}

/** Return how long ago a page was kept, in milliseconds; nothing kept is older than anything. */
async function ageOf(shelf, page) {
  const kept = await shelf.match(page, anyVary);
  return kept ? Date.now() - Date.parse(kept.headers.get("Date")) : Infinity;
}

/** Let a page know that it comes from the shelf. */
async function asKept(page) {
  const text = (await page.text()).replace("<body>", "<body data-kept>");
  return new Response(text, { headers: page.headers });
}

/** Keep the page that says there is no network, unless it is there in a language. */
async function keepAway(language) {
  const kept = await caches.match(AWAY, anyVary);
  if (kept && kept.headers.get("Content-Language") === language) return;
  const page = await fetch(AWAY);
  if (page.ok) await keepWhole(AWAY, page);
}

/** Keep a page and what it is drawn with; a person's own only as long as that person is here. */
async function keepWhole(address, page) {
  const text = await page.clone().text();
  for (const [, part] of text.matchAll(/"(\/assets\/[^"#]+)/g)) await keptFirst(new Request(part));
  const whose = page.headers.get("ShareCare-Whose");
  if (address === AWAY) await (await caches.open(PARTS)).put(address, page);
  else if (whose && whose === seenAs) await (await caches.open(OF + whose)).put(address, page);
}
