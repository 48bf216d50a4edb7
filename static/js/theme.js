// The look of the page (as the system, light, dark). The form works without this; with it the page changes on the spot.
document.addEventListener("submit", (event) => {
  const form = event.target.closest("[data-theme-form]");
  const button = event.submitter;
  if (!form || !button) return;
  event.preventDefault();
  const root = document.documentElement;
  if (button.value === "system") delete root.dataset.theme;
  else root.dataset.theme = button.value;
  for (const other of form.querySelectorAll("button")) other.setAttribute("aria-pressed", String(other === button));
  fetch(form.action, { method: "POST", body: new FormData(form, button), redirect: "manual" });
});
