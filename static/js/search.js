// Leaving the search field: Escape gives the keyboard back to the page. ("/" reaches it through data-key, in keys.js.)
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !event.target.matches("[type=search]")) return;
  if (event.target.value) event.target.select();
  event.target.blur();
});
