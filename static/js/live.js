// Work in the background: the title counts along, a finished one goes on to its page, and nobody polls from a hidden tab,
// nor takes away what somebody stands on with the keyboard.
const title = document.title;

function follow(root) {
  const work = root.querySelector?.("[data-live]") ?? document.querySelector("[data-live]");
  if (!work) return;
  if (work.dataset.liveDone) {
    location.assign(work.dataset.liveDone);
    return;
  }
  const bar = work.querySelector("progress[value]");
  if (bar) document.title = `${Math.floor((100 * bar.value) / bar.max)} % · ${title}`;
}

document.addEventListener("htmx:after:swap", () => follow(document));
document.addEventListener("htmx:before:request", (event) => {
  const work = event.target.closest?.("[data-live]");
  if (work && (document.hidden || work.contains(document.activeElement))) event.preventDefault();
});
follow(document);
