// Editing where a value stands: the field that was opened has the focus, Esc leaves it as it was.
document.addEventListener("htmx:after:swap", () => {
  const field = document.querySelector("[data-inplace]:not([data-inplace-open]) :is(input:not([type=hidden]), select, textarea)");
  if (!field) return;
  field.form.dataset.inplaceOpen = "";
  field.focus();
  if (field.type === "text" || field.type === "tel") field.select();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const form = event.target.closest?.("[data-inplace]");
  if (!form) return;
  event.stopPropagation();
  form.querySelector("[data-inplace-leave]").click();
});
