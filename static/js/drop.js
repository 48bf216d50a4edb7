// A file dropped on the form's field is chosen; one that is too large is said so before it is sent.
const area = document.querySelector(".drop");
const form = area?.closest("form");
const input = area?.querySelector('input[type="file"]');

function look() {
  const file = input.files[0];
  const shown = form.querySelector("[data-drop-file]");
  const error = form.querySelector("[data-drop-error]");
  const large = Boolean(file) && file.size > Number(form.dataset.dropLimit) * 1024 * 1024;
  shown.textContent = file ? `${file.name} · ${Math.max(1, Math.round(file.size / 1024)).toLocaleString()} kB` : "";
  error.textContent = large ? form.dataset.dropWords : "";
  error.hidden = !large;
  form.querySelector("button").disabled = large;
}

if (input) {
  area.classList.add("drop--ready");
  for (const kind of ["dragenter", "dragover"]) {
    area.addEventListener(kind, (event) => {
      event.preventDefault();
      area.classList.add("drop--over");
    });
  }
  for (const kind of ["dragleave", "drop"]) area.addEventListener(kind, () => area.classList.remove("drop--over"));
  area.addEventListener("drop", (event) => {
    event.preventDefault();
    if (!event.dataTransfer.files.length) return;
    input.files = event.dataTransfer.files;
    look();
  });
  input.addEventListener("change", look);
}
