// The end of a class told while its start and lessons are chosen: <fieldset data-lesson="20:30"> (the
// latest end) with data-part="start|lessons|minutes|pause" on its fields and data-end on the answer.
const words = document.getElementById("words").dataset;
const clock = (minutes) => [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, "0")).join(":");
const minutesOf = (time) => { const [h, m] = time.split(":").map(Number); return 60 * h + m; };
const fill = (pattern, values) => pattern.replace(/\{(\w+)\}/g, (_, name) => values[name]);

for (const group of document.querySelectorAll("[data-lesson]")) {
  const said = group.querySelector("[data-end]");
  const value = (part) => group.querySelector(`[data-part="${part}"]`).value;
  const tell = () => {
    const start = minutesOf(value("start")), n = Number(value("lessons"));
    const length = n * Number(value("minutes")) + (n - 1) * Number(value("pause"));
    const latest = minutesOf(group.dataset.lesson);
    const known = start >= 0 && n > 0 && length > 0;
    const late = known && start + length > latest;
    const values = { start: clock(start), n, end: clock(start + length), latest: clock(latest), fits: clock(Math.max(0, latest - length)) };
    said.textContent = known ? fill(late ? words.lessonLate : words.lessonEnd, values) : "";
    said.className = late ? "live bad" : "live";
  };
  group.addEventListener("input", tell);
  tell();
}
