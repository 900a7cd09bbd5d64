// Autosave of a form with data-autosave="URL": 3 s after the last change and on leaving a field, at most
// every 10 s, and once more before the session ends. Passive: it does not keep the session alive.
const words = document.getElementById("words").dataset;
const live = document.getElementById("live");
const QUIET = 3000, APART = 10000;

for (const form of document.querySelectorAll("form[data-autosave]")) {
  const status = form.querySelector("[data-autosave-status]");
  let timer = 0, last = 0, changed = false, busy = false, failed = false;

  const say = (sentence, aloud) => {
    if (status) status.textContent = sentence;
    if (aloud) live.textContent = sentence;
  };
  const values = () => {
    const data = new URLSearchParams({ _draft: "1" });
    for (const [name, value] of new FormData(form)) {
      const field = form.elements[name];
      if (typeof value === "string" && field.type !== "password" && field.autocomplete !== "one-time-code") data.append(name, value);
    }
    return data;
  };
  const save = async () => {
    clearTimeout(timer);
    if (!changed || busy) return;
    busy = true;
    changed = false;
    last = Date.now();
    say(words.saving, false);
    try {
      const response = await fetch(form.dataset.autosave, {
        method: "POST",
        body: values(),
        headers: { Accept: "application/json", "OTSP-Passive": "true", "CSRF-Token": document.querySelector("meta[name=csrf-token]").content },
        redirect: "error",
        keepalive: true,
      });
      if (!response.ok) throw new Error(response.status);
      const time = (await response.json()).saved_at;
      say(words.saved.replace("{time}", time), failed || !form.dataset.saved);
      form.dataset.saved = time;
      failed = false;
    } catch {
      changed = true;
      say(navigator.onLine ? words.saveFailed : words.offline, !failed);
      failed = true;
      later(APART);
    }
    busy = false;
    if (changed && !failed) later(QUIET);
  };
  const later = (wait) => {
    clearTimeout(timer);
    timer = setTimeout(save, Math.max(wait, last + APART - Date.now()));
  };
  form.addEventListener("input", () => { changed = true; later(QUIET); });
  form.addEventListener("focusout", () => { if (changed) later(0); });
  form.addEventListener("submit", () => { changed = false; clearTimeout(timer); });
  window.addEventListener("online", save);
  document.addEventListener("otsp:leaving", save);
}
