// Everything works without this; with it, parts of a page renew themselves and forms are sent once.

/** Say whether something is being typed in a part. */
const inUse = (part) =>
  part.contains(document.activeElement?.closest("form")) ||
  [...part.querySelectorAll("textarea, input:not([type=hidden])")].some(
    (field) => field.value !== field.defaultValue || field.checked !== field.defaultChecked,
  );

/** Put fresh content into a part; what was unfolded stays so. */
function replace(part, fresh) {
  const unfolded = [...part.querySelectorAll("details[open] > summary")].map((summary) => summary.textContent);
  part.innerHTML = fresh;
  for (const summary of part.querySelectorAll("details > summary"))
    if (unfolded.includes(summary.textContent)) summary.parentElement.open = true;
}

// While there is no network the page says of when it is.
const told = document.querySelector("[data-offline]");
let asOf = new Date(told?.dataset.drawn);

function tellOffline() {
  if (!told?.hidden) return;
  const { offline, zone: timeZone } = told.dataset;
  const language = document.documentElement.lang === "ja" ? "ja" : "en-GB";
  const shown = (how) => (moment) => new Intl.DateTimeFormat(language, { timeZone, ...how }).format(moment);
  const clock = { hour: language === "ja" ? "numeric" : "2-digit", minute: "2-digit", hourCycle: "h23" };
  const day = shown({ month: "short", day: "numeric", weekday: "short", ...clock });
  const date = shown({ dateStyle: "short" });
  const at = date(asOf) === date(new Date()) ? shown(clock)(asOf) : day(asOf);
  told.hidden = false;
  // A screen reader says only what changes in a part that is there already.
  setTimeout(() => (told.textContent = told.hidden ? "" : offline.replace("{at}", at)), 100);
}

function tellOnline() {
  if (told) Object.assign(told, { hidden: true, textContent: "" });
}

if ("kept" in document.body.dataset) {
  tellOffline();
  const lookAgain = async () => {
    if (document.hidden) return;
    try {
      await fetch("/health");
    } catch {
      return; // a browser that says it is online may be wrong
    }
    if (inUse(document.querySelector("main"))) tellOnline();
    else location.reload();
  };
  window.addEventListener("online", lookAgain);
  setInterval(lookAgain, 3000);
}
for (const link of document.querySelectorAll("[data-if-kept]"))
  link.hidden = !(await caches.match(link.href, { ignoreSearch: true, ignoreVary: true }));

/** Renew a part while the page is looked at: <section data-live="/requests/12/live" data-every="4" data-tag='"5f…"'>. */
function keepFresh(part) {
  let tag = part.dataset.tag ?? "";
  const seconds = Number(part.dataset.every);
  const renew = async () => {
    if (document.hidden || inUse(part)) return;
    try {
      const answer = await fetch(part.dataset.live, { headers: tag ? { "If-None-Match": tag } : {} });
      tellOnline();
      if (answer.status === 200) {
        const fresh = await answer.text();
        if (inUse(part)) return;
        if (tag) replace(part, fresh); // without, the page shows what was refused, and that stays
        tag = answer.headers.get("ETag") ?? "";
        asOf = new Date();
      } else if (answer.status === 304) asOf = new Date();
      else if (answer.status === 401 || answer.redirected) location.reload();
    } catch {
      tellOffline(); // the page stays as it is; the next round tries again
    }
  };
  renew();
  setInterval(renew, seconds * 1000);
  document.addEventListener("visibilitychange", renew);
  window.addEventListener("online", renew);
}

for (const part of document.querySelectorAll("[data-live]")) keepFresh(part);

// A second press while the first is on its way does nothing.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "1";
  window.addEventListener("pageshow", () => delete form.dataset.sent, { once: true });
});

// Buttons that copy or share what stands beside them appear only where they work.
for (const button of document.querySelectorAll("[data-share]")) {
  const text = button.dataset.share;
  if (!navigator.share && !navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    if (navigator.share) await navigator.share({ url: text }).catch(() => {});
    else {
      await navigator.clipboard.writeText(text);
      button.textContent = button.dataset.copied;
    }
  });
}

if ("serviceWorker" in navigator && document.querySelector(".tabs")) navigator.serviceWorker.register("/offline.js");
