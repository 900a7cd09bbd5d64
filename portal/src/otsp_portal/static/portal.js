// What every page gains where scripts run: menu, copy buttons, shown passwords, waiting buttons, one
// submit at a time, and the warning before a session ends. Without scripts everything works too.
const words = document.getElementById("words").dataset;
const live = document.getElementById("live");
const fill = (pattern, values) => pattern.replace(/\{(\w+)\}/g, (_, name) => values[name]);

// The menu is a :target panel; Esc closes it and the focus goes back to its link.
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && location.hash === "#nav") {
    location.hash = "#main";
    document.querySelector(".nav-open").focus();
  }
});

for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) break;
  const label = button.querySelector("span");
  const before = label.textContent;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    label.textContent = live.textContent = words.copied;
    setTimeout(() => { label.textContent = before; live.textContent = ""; }, 2000);
  });
}

for (const button of document.querySelectorAll("[data-reveal]")) {
  const field = document.getElementById(button.dataset.reveal);
  button.hidden = false;
  button.addEventListener("click", () => {
    const shown = field.type === "password";
    field.type = shown ? "text" : "password";
    button.textContent = shown ? words.hide : words.show;
  });
}

for (const button of document.querySelectorAll("[data-countdown]")) {
  const label = button.textContent;
  const until = Date.now() + button.dataset.countdown * 1000;
  const tick = () => {
    const n = Math.ceil((until - Date.now()) / 1000);
    button.textContent = n > 0 ? fill(words.wait, { n }) : label;
    if (n > 0) setTimeout(tick, 1000);
    else button.removeAttribute("aria-disabled");
  };
  button.setAttribute("aria-disabled", "true");
  button.addEventListener("click", (event) => {
    if (button.getAttribute("aria-disabled")) event.preventDefault();
  });
  tick();
}

// The server alone prevents doubles; this only says that the first press was heard.
document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (event.defaultPrevented || !button || event.target.hasAttribute("data-stays")) return;
  if (event.target.dataset.sent) { event.preventDefault(); return; }
  event.target.dataset.sent = button.dataset.label = button.textContent;
  if (button.matches(".btn-primary")) button.textContent = words.submitting;
  live.textContent = words.submitting;
});
window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  for (const button of document.querySelectorAll("[data-label]")) button.textContent = button.dataset.label;
});

const bar = document.getElementById("idle");
if (bar) {
  const url = document.body.dataset.sessionUrl;
  const [stay, leave] = [bar.querySelector("button"), bar.querySelector("a")];
  const line = document.getElementById("idle-text");
  let ends = Date.now() + document.body.dataset.sessionExpires * 1000;
  let asked = false, told = 0, saved = false;

  const ask = async (method) => {
    const token = document.querySelector("meta[name=csrf-token]").content;
    const headers = method === "POST" ? { "CSRF-Token": token } : { "OTSP-Passive": "true" };
    const response = await fetch(url, { method, headers, redirect: "error" });
    const left = response.ok ? (await response.json()).seconds : 0;
    ends = Date.now() + left * 1000;
  };
  const watch = async () => {
    let left = Math.round((ends - Date.now()) / 1000);
    // Another page of the same session may have gone on meanwhile: ask once before warning.
    if (left <= 300 && !asked) {
      asked = true;
      await ask("GET").catch(() => {});
      left = Math.round((ends - Date.now()) / 1000);
    }
    if (left > 300) { asked = saved = false; told = 0; }
    bar.hidden = left > 300;
    if (left <= 60 && !saved) { saved = true; document.dispatchEvent(new Event("otsp:leaving")); }
    if (left <= 0) {
      line.textContent = live.textContent = words.idleOut;
      stay.hidden = document.getElementById("idle-title").hidden = true;
      leave.hidden = false;
      return;
    }
    if (!bar.hidden) {
      const mm = Math.floor(left / 60), ss = String(left % 60).padStart(2, "0");
      line.textContent = fill(words.idle, { mm, ss });
      const n = [1, 2, 5].find((minutes) => left <= minutes * 60);
      if (n !== told) { told = n; live.textContent = fill(words.idleMinutes, { n }); }
    }
    setTimeout(watch, bar.hidden ? 15000 : 1000);
  };
  stay.addEventListener("click", () => ask("POST").then(() => { live.textContent = ""; }).catch(() => {}));
  watch();
}
