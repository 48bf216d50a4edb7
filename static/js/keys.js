// Single-letter shortcuts. <button data-key="m"> is pressed by M, <input data-key="/"> is focused by /, "?" lists them all.
// Never while somebody types, never with Ctrl, Alt or Cmd, and they can be switched off in the list (WCAG 2.1.4).
const OFF = "silo-keys-off";
const off = () => localStorage.getItem(OFF) === "1";
const isTyping = (element) => element.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");

function scope() {
  return document.querySelector("dialog[open]") ?? document;
}

function find(key) {
  const bound = [...scope().querySelectorAll("[data-key]")];
  return bound.find((element) => element.dataset.key === key && !element.disabled && element.checkVisibility());
}

function press(element) {
  if (element.matches("input:not([type=submit]), select, textarea")) element.focus();
  else element.click();
}

function words(element) {
  if (element.dataset.keyLabel) return element.dataset.keyLabel;
  const copy = element.cloneNode(true);
  copy.querySelectorAll("kbd, svg").forEach((child) => child.remove());
  return copy.textContent.trim() || element.getAttribute("aria-label") || element.getAttribute("placeholder") || "";
}

function list() {
  const dialog = document.getElementById("keys");
  if (!dialog || dialog.open) return;
  const bound = [...document.querySelectorAll("[data-key]")].filter((element) => element.checkVisibility());
  const rows = bound
    .filter((element) => bound.find((other) => other.dataset.key === element.dataset.key) === element)
    .map((element) => {
      const key = Object.assign(document.createElement("dt"), { innerHTML: "<kbd></kbd>" });
      key.firstChild.textContent = element.dataset.key.toUpperCase();
      return [key, Object.assign(document.createElement("dd"), { textContent: words(element) })];
    });
  dialog.querySelector("[data-keys-list]").replaceChildren(...rows.flat());
  dialog.querySelector("[data-keys-switch]").checked = !off();
  dialog.showModal();
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.repeat || isTyping(event.target)) return;
  if (event.key === "?") return list();
  if (off()) return;
  const element = find(event.key.toLowerCase());
  if (!element) return;
  event.preventDefault();
  press(element);
});

document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-keys-switch]")) return;
  if (event.target.checked) localStorage.removeItem(OFF);
  else localStorage.setItem(OFF, "1");
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-keys-open]")) list();
});
