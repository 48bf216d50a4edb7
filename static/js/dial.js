// Dialling takes the person in hand: the call leaves through the link, the claim through the form it names.
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("[data-dial]");
  if (link) document.getElementById(link.dataset.dial)?.requestSubmit();
});
