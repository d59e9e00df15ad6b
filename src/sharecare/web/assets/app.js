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

// What network.js listens to, on pages that say how old they are.
const tell = (what) => document.dispatchEvent(new Event(what));
document.addEventListener("outdated", () => inUse(document.querySelector("main")) || location.reload());

/** Renew a part while the page is looked at: <section data-live="/requests/12/live" data-every="4" data-tag='"5f…"'>. */
function keepFresh(part) {
  let tag = part.dataset.tag ?? "";
  const seconds = Number(part.dataset.every);
  const renew = async () => {
    if (document.hidden || inUse(part)) return;
    try {
      const answer = await fetch(part.dataset.live, { headers: tag ? { "If-None-Match": tag } : {} });
      tell("reached");
      if (answer.status === 200) {
        const fresh = await answer.text();
        if (inUse(part)) return;
        if (tag) replace(part, fresh); // without, the page shows what was refused, and that stays
        tag = answer.headers.get("ETag") ?? "";
        tell("renewed");
      } else if (answer.status === 304) tell("renewed");
      else if (answer.status === 401 || answer.redirected) location.reload();
    } catch {
      tell("unreached"); // the page stays as it is; the next round tries again
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

// Where somebody has to sign in, what offline.js kept for whoever did before goes, also if a form led here.
if (document.querySelector("form[action='/sign-in']"))
  window.caches?.keys().then((names) => {
    for (const name of names) if (name.startsWith("sharecare-of-")) caches.delete(name);
  });
if ("serviceWorker" in navigator && document.querySelector(".tabs")) navigator.serviceWorker.register("/offline.js");
