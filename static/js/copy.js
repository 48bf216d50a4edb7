// <button data-copy="text"> or data-copy="#id": copies, and says so in its own words (data-copied) for two seconds.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const wanted = button.dataset.copy;
  const source = wanted.startsWith("#") ? document.querySelector(wanted) : null;
  await navigator.clipboard.writeText(source ? (source.value ?? source.textContent.trim()) : wanted);
  const before = button.innerHTML;
  button.textContent = button.dataset.copied || "✓";
  setTimeout(() => { button.innerHTML = before; }, 2000);
});
