// Live progress: <section data-progress="URL"> asks one address every 2 s, which answers
//   {"final": bool, "next": address or null, "value": 0–100 or null, "text": words,
//    "stages": [{"key", "state": done|now|todo|bad, "note", "say": words or null}]}
// and moves on when it is final. Passive: watching does not keep the session alive.
const words = document.getElementById("words").dataset;
const live = document.getElementById("live");

for (const panel of document.querySelectorAll("[data-progress]")) {
  const every = 1000 * (panel.dataset.every || 2);
  const text = panel.querySelector("[data-progress-text]");
  const bar = panel.querySelector("progress");
  const show = (told) => {
    for (const stage of told.stages || []) {
      const item = panel.querySelector(`[data-stage="${stage.key}"]`);
      if (!item) continue;
      if (stage.say && item.className !== stage.state) live.textContent = stage.say;
      item.className = stage.state;
      item.querySelector("span").textContent = stage.note;
    }
    if (bar && told.value !== null) bar.value = told.value;
    if (text) text.textContent = told.text;
  };
  const ask = async () => {
    let wait = every;
    try {
      const response = await fetch(panel.dataset.progress, { headers: { "OTSP-Passive": "true" }, redirect: "error" });
      if (!response.ok) throw new Error(response.status);
      const told = await response.json();
      show(told);
      if (told.final) {
        if (told.next) location.replace(told.next);
        else location.reload();
        return;
      }
    } catch {
      wait = 3 * every;
      if (text) text.textContent = words.lost;
    }
    setTimeout(ask, document.hidden ? 5 * every : wait);
  };
  setTimeout(ask, every);
}
