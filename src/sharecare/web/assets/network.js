// While there is no network a page says of when it is; app.js tells how it fared.
const note = document.querySelector("[data-offline]");
let asOf = new Date(note?.dataset.drawn);

function tellOffline() {
  if (!note?.hidden) return;
  const { offline, zone: timeZone } = note.dataset;
  const language = document.documentElement.lang === "ja" ? "ja" : "en-GB";
  const shown = (how) => (moment) => new Intl.DateTimeFormat(language, { timeZone, ...how }).format(moment);
  const clock = { hour: language === "ja" ? "numeric" : "2-digit", minute: "2-digit", hourCycle: "h23" };
  const day = shown({ month: "short", day: "numeric", weekday: "short", ...clock });
  const date = shown({ dateStyle: "short" });
  const at = date(asOf) === date(new Date()) ? shown(clock)(asOf) : day(asOf);
  note.hidden = false;
  // A screen reader says only what changes in a part that is there already.
  setTimeout(() => (note.textContent = note.hidden ? "" : offline.replace("{at}", at)), 100);
}

function tellOnline() {
  if (note) Object.assign(note, { hidden: true, textContent: "" });
}

document.addEventListener("unreached", tellOffline);
document.addEventListener("reached", tellOnline);
document.addEventListener("renewed", () => (asOf = new Date()));

if ("kept" in document.body.dataset) {
  tellOffline();
  const lookAgain = async () => {
    if (document.hidden) return;
    try {
      await fetch("/health");
    } catch {
      return; // a browser that says it is online may be wrong
    }
    tellOnline();
    document.dispatchEvent(new Event("outdated"));
  };
  window.addEventListener("online", lookAgain);
  setInterval(lookAgain, 3000);
}
for (const link of document.querySelectorAll("[data-if-kept]"))
  link.hidden = !(await caches.match(link.href, { ignoreSearch: true, ignoreVary: true }));
