// <form data-autosubmit> sends itself when a choice changes; its button stays for those without a script and is hidden here.
for (const button of document.querySelectorAll("[data-autosubmit] [data-autosubmit-hide]")) button.hidden = true;

document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-autosubmit]");
  if (form) form.requestSubmit();
});
