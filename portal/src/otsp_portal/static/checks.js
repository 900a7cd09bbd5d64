// Codes are cleaned when pasted (full-width, spaces, dashes), and data-check="uscc|id" tells of the
// check digit as soon as the number is complete, never before.
const words = document.getElementById("words").dataset;
const live = document.getElementById("live");
const USCC = "0123456789ABCDEFGHJKLMNPQRTUWXY";
const sum = (text, weight, value) => [...text].reduce((total, one, at) => total + value(one) * weight(at), 0);
const CHECKS = {
  uscc: [/^[0-9A-HJ-NPQRTUWXY]{18}$/, (first) => USCC[(31 - (sum(first, (at) => 3 ** at % 31, (one) => USCC.indexOf(one)) % 31)) % 31]],
  id: [/^\d{17}[\dX]$/, (first) => "10X98765432"[sum(first, (at) => 2 ** (17 - at) % 11, Number) % 11]],
};
const clean = (text) => text.normalize("NFKC").replace(/[\s\-‐-―]/g, "").toUpperCase();

for (const field of document.querySelectorAll("[data-check], [data-clean]")) {
  field.addEventListener("change", () => { field.value = clean(field.value); });
  field.addEventListener("paste", (event) => {
    const { selectionStart: from, selectionEnd: to } = field;
    if (from === null) return;
    event.preventDefault();
    field.setRangeText(clean(event.clipboardData.getData("text")), from, to, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
}

for (const field of document.querySelectorAll("[data-check]")) {
  const [form, digit] = CHECKS[field.dataset.check];
  const said = document.createElement("p");
  said.id = `${field.id}-live`;
  field.after(said);
  field.setAttribute("aria-describedby", `${field.getAttribute("aria-describedby") || ""} ${said.id}`.trim());
  const look = () => {
    const text = clean(field.value);
    const want = form.test(text) ? digit(text.slice(0, 17)) : "";
    const right = want === text[17];
    const before = said.textContent;
    said.className = want ? `live ${right ? "ok" : "bad"}` : "";
    said.textContent = !want ? "" : right ? `✓ ${words.checkOk}` : words.checkWrong.replace("{want}", want).replace("{got}", text[17]);
    if (said.textContent !== before) live.textContent = said.textContent;
  };
  field.addEventListener("input", look);
  if (field.value) look();
}
