// The list of people: choose the whole page with one box, a stretch with Shift, and see how many are chosen.
const form = document.querySelector("form[data-choose]");

if (form) {
  const boxes = [...form.querySelectorAll("input[name=ids]")];
  const page = form.querySelector("[data-choose-page]");
  const everybody = form.querySelector("[data-everybody]");
  const words = form.querySelector("[data-chosen]");
  const usual = words?.textContent;
  let last = null;

  const show = () => {
    const chosen = boxes.filter((box) => box.checked).length;
    if (page) {
      page.checked = chosen === boxes.length;
      page.indeterminate = chosen > 0 && chosen < boxes.length;
    }
    if (words) words.textContent = chosen && !everybody?.checked ? words.dataset.chosen.replace("#", chosen) : usual;
    for (const box of boxes) box.disabled = Boolean(everybody?.checked);
    if (page) page.disabled = Boolean(everybody?.checked);
  };

  form.addEventListener("click", (event) => {
    const at = boxes.indexOf(event.target);
    if (at < 0) return;
    if (event.shiftKey && last !== null) {
      for (const box of boxes.slice(Math.min(at, last), Math.max(at, last) + 1)) box.checked = event.target.checked;
    }
    last = at;
  });

  form.addEventListener("change", (event) => {
    if (event.target === page) for (const box of boxes) box.checked = page.checked;
    show();
  });

  // The count comes after the page: say it beside "all who fit", too.
  document.addEventListener("htmx:after:swap", () => {
    const total = document.querySelector("[data-total]");
    const number = form.querySelector("[data-all-number]");
    if (total && number) number.textContent = total.textContent.match(/[\d\s.,\u00a0\u202f]*\d/)?.[0] ?? "";
  });

  if (page) page.hidden = false;
  show();
}
